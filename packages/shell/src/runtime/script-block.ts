import { parseBlock } from '../language/parser.ts';
import type { ParseError } from '../language/parse-error.ts';
import type { ScriptBody } from '../language/syntax-tree.ts';

/** `{ … }` as a value: text for another machine, code when it runs here. */
export class ScriptBlock {
  /** What stood between the braces, verbatim. */
  readonly text: string;
  #body: ScriptBody | undefined;

  constructor(text: string, body?: ScriptBody) {
    this.text = text;
    this.#body = body;
  }

  /** The code; parsed when it is first asked for. @throws ParseError when the text is not of the command language */
  get body(): ScriptBody {
    this.#body ??= this.#parse();
    return this.#body;
  }

  toString(): string {
    return this.text;
  }

  #parse(): ScriptBody {
    const { script, errors } = parseBlock(this.text);
    const [error]: readonly ParseError[] = errors;
    if (error !== undefined) throw error;
    return script;
  }
}
