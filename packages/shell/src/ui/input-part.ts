import { parse } from '../language/parser.ts';
import { endOfFirstCommand } from '../language/shell-continuation.ts';
import type { Runspace } from '../runtime/runspace.ts';
import type { TextToken } from './prompt-layout.ts';

/** Whole lines of an input that run together, from `from` to where the next ones begin, and whose they are. */
export type InputPart = {
  readonly text: string;
  readonly from: number;
  readonly to: number;
  readonly isOurs: boolean;
  /** More text could complete it. */
  readonly isIncomplete: boolean;
};

type LineOwner = Pick<Runspace, 'owns' | 'endOfFirst'>;

/** Lines before a statement on which nothing stands that could run. */
const IDLE_LINES = /^(?:[^\S\n]*(?:#[^\n]*)?\n)+/u;

/**
 * The first statement of an input, as whole lines: the line rule says of the first line whose it is, and the language of
 * the owner says how many lines belong to it. A statement that only its further lines make ours is ours.
 */
export function firstPart(input: string, owner: LineOwner): InputPart {
  const from = IDLE_LINES.exec(input)?.[0].length ?? 0;
  const text = input.slice(from);
  const part = (end: number | undefined, isOurs: boolean): InputPart => ({
    text: text.slice(0, end).replace(/\n+$/u, ''),
    from,
    to: from + (end ?? text.length),
    isOurs,
    isIncomplete: end === undefined,
  });
  const line = text.slice(0, text.indexOf('\n') + 1) || text;
  if (owner.owns(line)) {
    const end = endOfOurs(text, owner);
    if (end === undefined || end <= line.length || owner.owns(text.slice(0, end))) return part(end, true);
  }
  const end = endOfFirstCommand(text);
  const isOurs = text.length > line.length && end !== line.length && owner.owns(text.slice(0, end));
  return isOurs ? part(endOfOurs(text, owner), true) : part(end, false);
}

/** The lines of a here-document, which is the shell's alone, are never taken for commands: one that is refused has its own. */
function endOfOurs(text: string, owner: LineOwner): number | undefined {
  const end = owner.endOfFirst(text);
  if (end === undefined || !text.slice(0, end).includes('<<')) return end;
  const shells = endOfFirstCommand(text);
  if (shells === undefined) return refusesHeredoc(text.slice(0, end)) ? undefined : end;
  return Math.max(end, shells);
}

function refusesHeredoc(text: string): boolean {
  return parse(text).errors.some(({ message }) => /^<<|here-document/u.test(message));
}

/** The text at the prompt while it is typed: for each state of it is asked once whose its statements are. */
export class TypedText {
  readonly #runspace: Runspace;
  #text: string | undefined;
  #parts: readonly InputPart[] = [];

  constructor(runspace: Runspace) {
    this.#runspace = runspace;
  }

  /** Its statements. */
  parts(text: string): readonly InputPart[] {
    if (text === this.#text) return this.#parts;
    const parts: InputPart[] = [];
    let at = 0;
    do {
      const part = firstPart(text.slice(at), this.#runspace);
      parts.push({ ...part, from: at + part.from, to: at + part.to });
      at += part.to;
    } while (text.slice(at).trim() !== '');
    this.#text = text;
    this.#parts = parts;
    return parts;
  }

  first(text: string): InputPart {
    return this.parts(text)[0] ?? firstPart(text, this.#runspace);
  }

  isIncomplete(text: string): boolean {
    return this.parts(text).some((part) => part.isIncomplete);
  }

  /** What its statements of ours are made of, for their colours. */
  tokens(text: string): readonly TextToken[] {
    return this.parts(text).flatMap((part) =>
      part.isOurs
        ? this.#runspace
            .tokens(part.text)
            .map(({ kind, from, to }) => ({ kind, from: part.from + from, to: part.from + to }))
        : [],
    );
  }
}
