import { StringDecoder } from 'node:string_decoder';

/** Cuts bytes into lines of text. */
export class LineCutter {
  readonly #decoder = new StringDecoder('utf8');
  #open = '';

  /** @returns the lines that are complete by now, without their ends */
  push(bytes: Uint8Array): string[] {
    return this.pushText(this.#decoder.write(Buffer.from(bytes)));
  }

  pushText(text: string): string[] {
    const lines = (this.#open + text).split('\n');
    this.#open = lines.pop() ?? '';
    return lines;
  }

  /** The last line, if it has no end. */
  rest(): string[] {
    const rest = this.#open + this.#decoder.end();
    this.#open = '';
    return rest === '' ? [] : [rest];
  }
}
