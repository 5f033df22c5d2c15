import * as v from 'valibot';
import { RemotingError } from '@holdfast/protocol';
import { checkSettings, parseConfigText, readConfigText, unusable } from './config-table.ts';
import { followFile } from './follow-file.ts';
import { RecordSettings } from './record/record-settings.ts';
import { DEFAULT_CONFIGURATION, type SessionConfiguration } from './session/session-configuration.ts';

const milliseconds = v.pipe(v.number(), v.integer(), v.minValue(1000), v.maxValue(2 ** 31 - 1));

const quota = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(2 ** 31 - 1));

const Recording = v.strictObject({
  enabled: v.optional(v.boolean(), true),
  onFullDisk: v.optional(v.picklist(['stopSession', 'stopRecording']), 'stopRecording'),
  maxBytes: v.optional(v.pipe(v.number(), v.integer(), v.minValue(4096)), 256 * 1024 * 1024),
});

const Configuration = v.strictObject({
  program: v.optional(v.pipe(v.string(), v.minLength(1))),
  args: v.optional(v.array(v.string())),
  idleTimeoutMs: v.optional(milliseconds),
  maxIdleTimeoutMs: v.optional(milliseconds),
  outputBufferBytes: v.optional(v.pipe(v.number(), v.integer(), v.minValue(64 * 1024))),
  outputBufferingMode: v.optional(v.picklist(['Drop', 'Block'])),
  maxShells: v.optional(quota),
  maxShellsPerUser: v.optional(quota),
  recording: v.optional(Recording),
});

/** What other parts of the agent read and check themselves (readTable). */
const theirs = v.optional(v.unknown());

const SETTINGS = {
  defaultConfiguration: v.optional(v.string()),
  configurations: v.optional(v.record(v.string(), Configuration)),
  record: v.optional(RecordSettings, {}),
  access: theirs,
  gateway: theirs,
  host: theirs,
  hosts: theirs,
  log: theirs,
  metrics: theirs,
};

/** The agent's TOML. A table with a misspelled name would leave out what it says, and let somebody in whom it denies. */
const ConfigFile = v.strictObject(
  SETTINGS,
  () => `There is no such table or setting, only ${Object.keys(SETTINGS).join(', ')}`,
);

/** The session configurations of an agent, and what it records. */
export type AgentConfig = {
  /** Name of the configuration for clients that name none. */
  defaultConfiguration: string;
  configurations: ReadonlyMap<string, SessionConfiguration>;
  record: RecordSettings;
};

/**
 * Reads the agent's TOML file.
 * @param file none: only the built-in configuration
 * @throws RemotingError InvalidSetting, one line that names the file and what is wrong
 */
export function readConfig(file: string | undefined): AgentConfig {
  return file === undefined ? parseConfig('', '') : parseConfig(file, readConfigText(file));
}

/**
 * What the text of such a file says.
 * @param file its name, for the message
 * @throws RemotingError InvalidSetting
 */
export function parseConfig(file: string, text: string): AgentConfig {
  const where = `The configuration ${file} cannot be used`;
  const content = checkSettings(where, ConfigFile, parseConfigText(file, text));
  const configurations = new Map([[DEFAULT_CONFIGURATION.name, DEFAULT_CONFIGURATION]]);
  for (const [name, own] of Object.entries(content.configurations ?? {})) {
    configurations.set(name, complete(name, own));
  }
  const defaultConfiguration = content.defaultConfiguration ?? DEFAULT_CONFIGURATION.name;
  if (!configurations.has(defaultConfiguration)) {
    throw unusable(file, `defaultConfiguration names '${defaultConfiguration}', which is not described`);
  }
  return { defaultConfiguration, configurations, record: content.record };
}

/**
 * The configuration as `file` has it whenever it is asked for. After a change for the worse, which is logged, it stays as
 * it was.
 * @throws RemotingError InvalidSetting when it cannot be read the first time
 */
export function followConfig(file: string | undefined, log: (line: string) => void): () => AgentConfig {
  return followFile(file, () => readConfig(file), {
    onProblem: (message) => log(`${message}; what it was before still counts`),
  });
}

/** @throws RemotingError ConfigurationNotFound */
export function findConfiguration(config: AgentConfig, name: string | undefined): SessionConfiguration {
  const wanted = name ?? config.defaultConfiguration;
  const found = config.configurations.get(wanted);
  if (found !== undefined) return found;
  const known = [...config.configurations.keys()].join(', ');
  throw new RemotingError('ConfigurationNotFound', `There is no configuration '${wanted}' here: there are ${known}`, {
    target: wanted,
  });
}

function complete(name: string, own: v.InferOutput<typeof Configuration>): SessionConfiguration {
  const maxIdleTimeoutMs =
    own.maxIdleTimeoutMs ?? Math.max(own.idleTimeoutMs ?? 0, DEFAULT_CONFIGURATION.maxIdleTimeoutMs);
  const idleTimeoutMs = Math.min(own.idleTimeoutMs ?? DEFAULT_CONFIGURATION.idleTimeoutMs, maxIdleTimeoutMs);
  return {
    name,
    program: own.program,
    args: own.args ?? [],
    idleTimeoutMs,
    maxIdleTimeoutMs,
    outputBufferBytes: own.outputBufferBytes ?? DEFAULT_CONFIGURATION.outputBufferBytes,
    outputBufferingMode: own.outputBufferingMode ?? DEFAULT_CONFIGURATION.outputBufferingMode,
    ...(own.maxShells === undefined ? {} : { maxShells: own.maxShells }),
    ...(own.maxShellsPerUser === undefined ? {} : { maxShellsPerUser: own.maxShellsPerUser }),
    ...(own.recording === undefined ? {} : { recording: own.recording }),
  };
}

/** Another one for every change of the file. */
