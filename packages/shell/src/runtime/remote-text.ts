import { Char } from './char.ts';

/** Where a line came from: a host, and the session or one-shot there. */
export type RemoteOrigin = {
  readonly computerName: string;
  readonly runspaceId: string;
  /** Whether a view may say the host: not with -HideComputerName. */
  readonly showComputerName: boolean;
  /** Whether a view has to say it: there are several. */
  readonly amongOthers: boolean;
};

/** A line of a remote command's output: text, with the properties that PowerShell's remote objects carry. */
export class RemoteText {
  readonly #text: string;
  readonly #origin: RemoteOrigin;

  constructor(text: string, origin: RemoteOrigin) {
    this.#text = text;
    this.#origin = origin;
  }

  get PSComputerName(): string {
    return this.#origin.computerName;
  }

  get RunspaceId(): string {
    return this.#origin.runspaceId;
  }

  get PSShowComputerName(): boolean {
    return this.#origin.showComputerName;
  }

  get Length(): number {
    return this.#text.length;
  }

  /** The line as a screen shows it, behind the host's name where there are several. */
  get shown(): string {
    const { computerName, showComputerName, amongOthers } = this.#origin;
    return showComputerName && amongOthers ? `${computerName}: ${this.#text}` : this.#text;
  }

  toString(): string {
    return this.#text;
  }
}

/** The text of a remote line or a character; any other value as it is. */
export function withoutOrigin(value: unknown): unknown {
  return value instanceof RemoteText || value instanceof Char ? value.toString() : value;
}
