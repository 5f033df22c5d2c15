/**
 * The line by which a session says to everybody that its bash is a raw terminal: after so many milliseconds without a
 * prompt, or because it cannot be driven.
 */
export function rawNotice(lateMs?: number): Buffer {
  const unfit = 'bash is older than 4.4, or its PS1 or PROMPT_COMMAND is readonly';
  const why = lateMs === undefined ? unfit : `no prompt came from bash within ${lateMs / 1000} s`;
  // The line before it may be unfinished: a question that a slow rc file asks.
  return Buffer.from(`\r\n· ${why}: this session is a raw terminal, without commands\r\n`);
}
