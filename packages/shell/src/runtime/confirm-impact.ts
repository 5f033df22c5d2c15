/** `None` is under all of them. */
export const CONFIRM_IMPACTS = ['None', 'Low', 'Medium', 'High'] as const;

/** How much a command changes (about_Functions_CmdletBindingAttribute, ConfirmImpact). */
export type ConfirmImpact = (typeof CONFIRM_IMPACTS)[number];
