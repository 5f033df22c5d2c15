import { MAX_COMMAND_BYTES, RemotingError } from '@holdfast/protocol';
import { apartText } from './apart-text.ts';
import { ANSWER_END, APART_END_LINE, END_LINE, GIVE_UP, IDLE_TRIGGER, QUIETLY, RUN_TRIGGER } from './bash-rc.ts';
import type { Redirection } from './driver.ts';

/** What a command leaves to the next: `$?`, `$-` and `$_`, the last as the shell quotes it.
 * `insists`: the last was a refused exit and this one is too. */
export type ShellState = { status: number; flags: string; lastArgument: string; insists?: boolean };

/** Switches a line editor on that is not used here; within an eval, bash 5.2 would crash on it. */
const EDITOR_SWITCH = /^\s*set\s+[-+]o\s+(?:vi|emacs)\s*;?\s*$/;
/** Shows the lines that follow in the eval. */
const SET_VERBOSE = /\bset\s+-\w*v|verbose/;
/** A line that goes on in the next, or behind a comment. */
const CONTINUED = /(?:\\|\||&&|\|&)\s*(?:#|$)/;
/** Ends a shell with stopped jobs only if nothing but jobs(1) came between it and the last. */
const EXIT = /^\s*(?:exit|logout)\b/;

/** Encodes a command. Throws RemotingError CommandNotText, CommandTooLong. */
export function encodeCommand(text: string): Buffer {
  if (text.includes('\0')) throw new RemotingError('CommandNotText', 'The command contains a NUL character');
  const bytes = Buffer.from(text);
  if (bytes.length <= MAX_COMMAND_BYTES) return bytes;
  const size = `The command has ${bytes.length} bytes, over the limit of ${MAX_COMMAND_BYTES}`;
  throw new RemotingError('CommandTooLong', `${size}; send it as a file and run that`);
}

/**
 * What bash evaluates: `text` behind a line that puts things as the last command left them, and before mark E; with its
 * streams elsewhere, it is evaluated there.
 */
export function frameCommand(text: Buffer, state: ShellState, redirection?: Redirection): Buffer {
  if (text.length < 100 && EDITOR_SWITCH.test(text.toString())) {
    return frameCommand(Buffer.from(':'), state, redirection);
  }
  const insistence = state.insists ? '__hf[6]=1;builtin jobs >/dev/null\n' : '';
  const framed = Buffer.concat([Buffer.from(`${restoring(state)}\n${insistence}`), text]);
  const isVerbose = state.flags.includes('v') || SET_VERBOSE.test(text.toString('latin1'));
  if (redirection !== undefined) {
    return Buffer.concat([apartText(framed, redirection), Buffer.from(isVerbose ? '' : `\n${APART_END_LINE}`)]);
  }
  const end = isVerbose || !canBeFollowed(text.toString('latin1')) ? '' : `\n${END_LINE}`;
  return Buffer.concat([framed, Buffer.from(end)]);
}

/** Sets `$?`, `$_` and the options that are off while nothing runs. */
function restoring({ status, flags, lastArgument }: ShellState): string {
  const options = ['x', 'v', 'k'].filter((option) => flags.includes(option)).join('');
  const restore = `__hf_s ${status} ${lastArgument}${status === 0 ? '' : QUIETLY}`;
  return options === '' ? restore : `{ builtin set -${options};${restore};} 2>/dev/null`;
}

/** Whether `text` is an exit, which a shell with stopped jobs refuses at first. */
export function isExit(text: Buffer): boolean {
  return EXIT.test(text.toString('latin1', 0, 100));
}

/** Whether a line after `text` is a command of its own: not in a here-document or a continued line. */
function canBeFollowed(text: string): boolean {
  return !text.includes('<<') && !CONTINUED.test(text);
}

/** Typed-ahead keys without what the driver typed among them, and with Enter as the key gives it. */
export function withoutTyped(keys: Buffer, answer: string): Buffer {
  const text = keys.toString('latin1').replaceAll(`${RUN_TRIGGER}\n`, '').replaceAll(`${IDLE_TRIGGER}\n`, '');
  const typed = text.replaceAll(new RegExp(`${answer}(?:\\d+|${GIVE_UP})${ANSWER_END}?`, 'g'), '');
  return Buffer.from(typed.replaceAll('\n', '\r'), 'latin1');
}
