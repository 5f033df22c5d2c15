import { readFileSync } from 'node:fs';
import { RemotingError, issueText, printable } from '@holdfast/protocol';
import { parse } from 'smol-toml';
import * as v from 'valibot';

/**
 * A table of the agent's TOML file; without a file, or without the table in it, what `schema` makes of an empty one.
 * @throws RemotingError InvalidSetting, one line that says where and what is wrong
 */
export function readTable<const S extends v.GenericSchema>(
  configFile: string | undefined,
  name: string,
  schema: S,
): v.InferOutput<S> {
  const text = configFile === undefined ? '' : readConfigText(configFile);
  return parseTable(configFile ?? '', text, name, schema);
}

/** The same for the file's text; `file` is for the message. @throws RemotingError InvalidSetting */
export function parseTable<const S extends v.GenericSchema>(
  file: string,
  text: string,
  name: string,
  schema: S,
): v.InferOutput<S> {
  const content = parseConfigText(file, text);
  const isThere = typeof content === 'object' && content !== null && Object.hasOwn(content, name);
  return checkSettings(`[${name}] of ${file}`, schema, isThere ? Reflect.get(content, name) : {});
}

/** A value as `schema` has it; `where` begins the line that says what is wrong. @throws RemotingError InvalidSetting */
export function checkSettings<const S extends v.GenericSchema>(
  where: string,
  schema: S,
  value: unknown,
): v.InferOutput<S> {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  throw new RemotingError('InvalidSetting', `${where}: ${issueText(result.issues[0], 'the table')}`);
}

/** The text of the agent's configuration. @throws RemotingError InvalidSetting when it cannot be read */
export function readConfigText(file: string): string {
  return unlessFails(file, () => readFileSync(file, 'utf8'));
}

/** What it says as TOML. @throws RemotingError InvalidSetting when it is none */
export function parseConfigText(file: string, text: string): unknown {
  return unlessFails(file, () => parse(text));
}

/** The error for a configuration that is no use as a whole; `reason` may hold what stands in it. */
export function unusable(file: string, reason: string, cause?: unknown): RemotingError {
  const message = `The configuration ${file} cannot be used: ${printable(reason)}`;
  return new RemotingError('InvalidSetting', message, { target: file, cause });
}

function unlessFails<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    // Behind the first line of its message, smol-toml shows the place in the file.
    const [reason = ''] = (cause instanceof Error ? cause.message : String(cause)).split('\n');
    throw unusable(file, reason, cause);
  }
}
