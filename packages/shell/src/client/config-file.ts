import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RemotingError, printable } from '@holdfast/protocol';
import { TomlError, parse } from 'smol-toml';
import * as v from 'valibot';
import { configFolder } from './folders.ts';

const HostEntry = table({
  url: v.string(),
  user: v.optional(v.string()),
  identity: v.optional(v.string()),
  hostKey: v.optional(v.string()),
});
export type HostEntry = v.InferOutput<typeof HostEntry>;

const ConfigFile = table({
  hosts: v.optional(v.record(v.string(), HostEntry)),
  prompt: v.optional(table({ session: v.optional(v.string()), local: v.optional(v.string()) })),
  escapeKey: v.optional(v.string()),
});

/** All that a person can set in config.toml. */
export type ConfigFile = v.InferOutput<typeof ConfigFile>;

/** Where config.toml is looked for. */
export function configFilePath(folder: string = configFolder()): string {
  return join(folder, 'config.toml');
}

/**
 * Reads config.toml; a file that is not there is an empty one.
 * @throws RemotingError InvalidSetting, one line with the path and the place, for a file that is not as agreed
 */
export function readConfigFile(path: string): ConfigFile {
  return parseConfigFile(path, readIfThere(path) ?? '');
}

/** What the text of such a file says; `path` is for the message. @throws RemotingError InvalidSetting */
export function parseConfigFile(path: string, text: string): ConfigFile {
  const checked = v.safeParse(ConfigFile, parseToml(path, text));
  if (checked.success) return checked.output;
  const [issue] = checked.issues;
  throw new RemotingError('InvalidSetting', `${path}: ${printable(`${placeOf(issue)}: ${issue.message}`)}`);
}

/** A table that refuses keys it does not know: a `hostkey` that nobody reads would be no pin at all. */
function table<const T extends v.ObjectEntries>(entries: T) {
  const known = Object.keys(entries).join(', ');
  return v.strictObject(entries, (issue) =>
    issue.expected === 'never' ? `there is no such key, only ${known}` : issue.message,
  );
}

/** The key as TOML has it, which keeps it on one line. */
function placeOf(issue: v.BaseIssue<unknown>): string {
  const keys = (issue.path ?? []).map(({ key }) => String(key));
  return keys.map((key) => (/^[\w-]+$/.test(key) ? key : JSON.stringify(key))).join('.') || 'file';
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw new RemotingError('InvalidSetting', `${path} cannot be read: ${String(cause)}`, { cause });
  }
}

function parseToml(path: string, text: string): unknown {
  try {
    return parse(text);
  } catch (cause) {
    // Behind its first line the message shows the place in the file.
    const [reason = ''] = (cause instanceof Error ? cause.message : String(cause)).split('\n', 1);
    const place = cause instanceof TomlError ? `:${cause.line}:${cause.column}` : '';
    throw new RemotingError('InvalidSetting', `${path}${place} is not TOML: ${printable(reason)}`, { cause });
  }
}
