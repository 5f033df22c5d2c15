import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { promptText, SESSION_PROMPT } from '../client/prompt-text.ts';
import type { PSSession } from '../client/ps-session.ts';
import type { SessionScript } from '../client/run-in-session.ts';
import { shellWord, shellWords, withPositional } from '../client/shell-words.ts';
import type { CmdletContext } from '../runtime/cmdlet.ts';
import { ErrorRecord } from '../runtime/error-record.ts';
import type { Scope } from '../runtime/scope.ts';
import type { ScriptBlock } from '../runtime/script-block.ts';
import { toText } from '../runtime/value-conversion.ts';

/** What is to run on hosts. */
export type RemoteScript = {
  /** The block's text, or the file's name: what a job's Command shows. */
  readonly title: string;
  readonly text: string;
  readonly isFile: boolean;
  readonly arguments: readonly string[];
  /** Standard input: the objects of the pipeline as lines. */
  readonly input: string | undefined;
  /** The program that a file names in its first line. */
  readonly interpreter: string | undefined;
};

export type ScriptSource = {
  readonly ScriptBlock?: ScriptBlock | undefined;
  readonly FilePath?: string | undefined;
  readonly ArgumentList?: readonly unknown[] | undefined;
  readonly InputObject?: unknown;
};

/** Reads what is to run: a block verbatim, with the values of its `$Using:` variables before it, or a file. @throws ErrorRecord */
export async function readScript(source: ScriptSource, context: CmdletContext): Promise<RemoteScript> {
  const script = source.ScriptBlock?.text ?? '';
  const values = (source.ArgumentList ?? []).map(toText);
  const input = await inputOf(source, context);
  if (source.FilePath === undefined) {
    const text = withUsing(script, context.scope);
    return { title: script.trim(), text, isFile: false, arguments: values, input, interpreter: undefined };
  }
  const text = await textOfFile(source.FilePath, context.nativeShell.cwd);
  const interpreter = /^#!\s*(\S.*)/u.exec(text)?.[1]?.trim();
  return { title: source.FilePath, text, isFile: true, arguments: values, input, interpreter };
}

/** The text for a login shell's `-c`, with its arguments. */
export function oneShotText(script: RemoteScript): string {
  return script.interpreter === undefined ? withPositional(script.text, script.arguments) : programText(script);
}

/** The same for a session, in whose own shell it runs unless its first line names another. */
export function sessionScript(
  script: RemoteScript,
  { ComputerName, info }: PSSession,
  prompt = SESSION_PROMPT,
): SessionScript {
  const { title, input } = script;
  return { ...sessionText(script, info.program), title, input, prompt: promptText(prompt, ComputerName, info) };
}

function sessionText(script: RemoteScript, shell: string): Pick<SessionScript, 'text' | 'arguments'> {
  const { interpreter, text, arguments: values } = script;
  const isShells = interpreter === undefined || basename(interpreter.split(/\s/u).at(-1) ?? '') === basename(shell);
  if (!isShells) return { text: programText(script), arguments: [] };
  // A script may end by set -e; the session is to stay.
  return { text: script.isFile ? `(\n${text}\n)` : text, arguments: [...values] };
}

/** Puts a script into a file on the host and runs it with its interpreter. */
function programText({ text, interpreter = '', arguments: values }: RemoteScript): string {
  const run = `${interpreter} "$__hf_f" ${shellWords(values)}`;
  return `__hf_f=$(mktemp) && printf %s ${shellWord(text)} >"$__hf_f" && { ${run}; __hf_s=$?; rm -f "$__hf_f"; (exit $__hf_s); }`;
}

/** `$Using:name` is a variable of the shell, which gets the local value first. @throws ErrorRecord UsingVariableIsUndefined */
function withUsing(text: string, scope: Scope): string {
  const names = new Set<string>();
  const used = text.replaceAll(/\$\{using:(\w+)\}|\$using:(\w+)/giu, (_, braced?: string, plain?: string) => {
    const name = braced ?? plain ?? '';
    names.add(name);
    return `\${__using_${name}}`;
  });
  const assignments = [...names].map((name) => {
    const value = scope.get(name);
    if (value === undefined) {
      const message = `The value of the using variable '$using:${name}' cannot be retrieved because it has not been set in the local session.`;
      throw new ErrorRecord('UsingVariableIsUndefined', 'InvalidOperation', message, { target: name });
    }
    return `__using_${name}=${shellWord(toText(value))}\n`;
  });
  return assignments.join('') + used;
}

async function inputOf({ InputObject }: ScriptSource, { hasInput, input }: CmdletContext): Promise<string | undefined> {
  if (InputObject !== undefined) return linesOf(Array.isArray(InputObject) ? InputObject : [InputObject]);
  return hasInput ? linesOf(await Array.fromAsync(input)) : undefined;
}

function linesOf(values: readonly unknown[]): string {
  return values.map((value) => `${toText(value)}\n`).join('');
}

async function textOfFile(file: string, folder: string): Promise<string> {
  const path = resolve(folder, file);
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const isMissing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    // A string in the place of a block binds as a file; a name without a dot or a slash is more likely a command.
    const hint = /\s|^[^./]+$/u.test(file) ? ` A command to run stands in braces: { ${file} }` : '';
    const reason = isMissing
      ? `because it does not exist.${hint}`
      : `: ${cause instanceof Error ? cause.message : String(cause)}`;
    throw new ErrorRecord('PathNotFound', 'ObjectNotFound', `Cannot find path '${path}' ${reason}`, {
      target: path,
      cause,
    });
  }
}
