import type { CommandTable } from '../runtime/command-table.ts';
import type { NativeShell } from '../runtime/native-shell.ts';

/** What may give a shell another alias, function or program of one of our short names. */
const MAY_NAME =
  /\b(?:un)?alias\b|\bfunction\b|\bunset\b|\(\s*\)|\bsource\b|(?:^|[\s;&|])\.\s|\beval\b|\bPATH=|\bshopt\b|\bexec\b/u;

export type ShellNamesParts = {
  readonly shell: NativeShell;
  readonly commands: Pick<CommandTable, 'shortNames' | 'leaveToShell'>;
};

/**
 * Which of our short names the local shell has an alias, function or program of, so that its own wins. It is asked once it
 * is at its prompt, and again behind lines that may have changed that; never while one waits to be shown.
 */
export class ShellNames {
  readonly #parts: ShellNamesParts;
  #isKnown = false;
  #asking: Promise<void> | undefined;

  constructor(parts: ShellNamesParts) {
    this.#parts = parts;
  }

  /** The shell ran a line. */
  ran(text: string): void {
    if (MAY_NAME.test(text)) this.#isKnown = false;
  }

  /** There is another shell. */
  forget(): void {
    this.#isKnown = false;
  }

  /** Asks the shell, which is at its prompt, unless its answer still counts. `status` is what `$?` is to stay there. */
  ask(status: number): void {
    if (this.#isKnown || this.#asking !== undefined || !this.#parts.shell.isLasting) return;
    this.#isKnown = true;
    // A session that is lost meanwhile is said elsewhere.
    this.#asking = this.#ask(status)
      .catch(() => undefined)
      .finally(() => (this.#asking = undefined));
  }

  /** Resolves when no answer is outstanding. @returns whether one was */
  async settled(): Promise<boolean> {
    const asking = this.#asking;
    await asking;
    return asking !== undefined;
  }

  async #ask(status: number): Promise<void> {
    const { shell, commands } = this.#parts;
    const names = commands.shortNames;
    const chunks: Uint8Array[] = [];
    await shell.run(queryText(names, status), {
      stdin: undefined,
      onStdout: (bytes) => void chunks.push(bytes),
      onStderr: () => {},
      alone: false,
      signal: new AbortController().signal,
    });
    const known = Buffer.concat(chunks).toString().split('\n');
    commands.leaveToShell(names.filter((name) => known.includes(name)));
  }
}

function queryText(names: readonly string[], status: number): string {
  const words = names.map((name) => `'${name}'`).join(' ');
  // A function may be named as a builtin is; `builtin` itself hardly is.
  return `for __hf_n in ${words};do if \\builtin type -- "$__hf_n" >/dev/null 2>&1;then \\builtin printf '%s\\n' "$__hf_n";fi;done;(\\builtin exit ${status})`;
}
