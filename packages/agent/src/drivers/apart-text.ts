import { quote } from './bash-rc.ts';
import type { Redirection } from './driver.ts';

/**
 * Runs `framed`, a command's text behind what restores the shell's state for it, with its streams elsewhere: in the shell
 * itself, so that variables, functions and the folder stay. Afterwards `$?` is the text's.
 */
export function apartText(framed: Buffer, { arguments: values, stdin, stdout, stderr }: Redirection): Buffer {
  const parameters = values.map((value) => ` ${quote(value)}`).join('');
  // Quoted, for it may be an alias.
  const run = `\\builtin set --${parameters};__hf_p;\\builtin eval ${quote(framed.toString())}`;
  const streams = `<${quote(stdin)} >|${quote(stdout)} 2>|${quote(stderr)}`;
  return Buffer.from(`{ ${run};} ${streams}`);
}
