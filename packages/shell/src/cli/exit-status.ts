/** A command line that is not understood. */
export const USAGE_ERROR = 2;

/** The host could not be reached or let nobody in; the same as ssh's. */
export const CONNECTION_FAILED = 255;
