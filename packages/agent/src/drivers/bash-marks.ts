/** What bash says about itself between two commands; the rc script prints it (bash-rc.ts). */
export type BashMark =
  /** The shell has read a command's text. */
  | { kind: 'started' }
  /** A command whose streams are elsewhere asked for its end by `exit`; its end follows. */
  | { kind: 'leaving' }
  /** A command ended. `lastArgument` is `$_`, quoted for the shell. */
  | { kind: 'ended'; status: number; flags: string; jobs: number; cwd: string; lastArgument: string }
  /** The shell reads what was typed ahead, until the answer with this number. */
  | { kind: 'drain'; number: string }
  /** The shell takes a command. `timeoutS` is TMOUT, 0 without one; `keys` were typed ahead, answers included. */
  | { kind: 'ready'; jobs: number; cwd: string; timeoutS: number; keys: Buffer }
  /** A bash that the rc script cannot drive. */
  | { kind: 'unsupported' };

const SEPARATOR = 0x1f;

/** Reads a mark's body; undefined if it is none of ours. */
export function parseBashMark(body: Buffer): BashMark | undefined {
  const [kind, ...fields] = split(body);
  const text = (index: number): string => (fields[index] ?? Buffer.alloc(0)).toString('latin1');
  const unquoted = (index: number): Buffer => unquoteBash(fields[index] ?? Buffer.alloc(0));
  switch (kind?.toString('latin1')) {
    case 'S':
      return { kind: 'started' };
    case 'X':
      return { kind: 'leaving' };
    case 'E':
      return {
        kind: 'ended',
        status: Number(text(0)),
        flags: text(1),
        jobs: Number(text(2)),
        cwd: unquoted(3).toString(),
        lastArgument: (fields[4] ?? Buffer.alloc(0)).toString(),
      };
    case 'D':
      return { kind: 'drain', number: text(0) };
    case 'R': {
      const timeoutS = Number(unquoted(2).toString('latin1'));
      return {
        kind: 'ready',
        jobs: Number(text(0)),
        cwd: unquoted(1).toString(),
        timeoutS: timeoutS > 0 ? timeoutS : 0,
        keys: unquoted(3),
      };
    }
    case 'U':
      return { kind: 'unsupported' };
    default:
      return undefined;
  }
}

function split(body: Buffer): Buffer[] {
  const fields: Buffer[] = [];
  let start = 0;
  for (let end = body.indexOf(SEPARATOR); end >= 0; end = body.indexOf(SEPARATOR, start)) {
    fields.push(body.subarray(start, end));
    start = end + 1;
  }
  fields.push(body.subarray(start));
  return fields;
}

const ESCAPES: Record<string, string> = { a: '\x07', b: '\b', t: '\t', n: '\n', v: '\v', f: '\f', r: '\r', E: '\x1b' };

/** Undoes bash's printf %q: a\ b, '', and $'a\nb' with octal bytes. */
function unquoteBash(quoted: Buffer): Buffer {
  const text = quoted.toString('latin1');
  if (text === "''") return Buffer.alloc(0);
  if (!text.startsWith("$'")) return Buffer.from(text.replaceAll(/\\([^])/g, '$1'), 'latin1');
  const bytes = text.slice(2, -1).replaceAll(/\\(?:([0-7]{1,3})|([^]))/g, (_, octal?: string, escaped = '') => {
    if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 0xff);
    return ESCAPES[escaped] ?? escaped;
  });
  return Buffer.from(bytes, 'latin1');
}
