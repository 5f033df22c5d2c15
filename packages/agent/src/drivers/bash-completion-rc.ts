export const COMPLETION_FUNCTION = '__hf_c() { :; }';
