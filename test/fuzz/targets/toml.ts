import { RemotingError } from '@holdfast/protocol';
import { AccessRules, ruleProblem } from '../../../packages/agent/src/auth/access-rules.ts';
import { HostTable } from '../../../packages/agent/src/auth/host-certificate.ts';
import { parseTable } from '../../../packages/agent/src/config-table.ts';
import { parseConfig } from '../../../packages/agent/src/config.ts';
import { MetricsTable, metricsPlace } from '../../../packages/agent/src/gateway/metrics/metrics-settings.ts';
import { GatewaySettings } from '../../../packages/agent/src/gateway/settings.ts';
import { LogTable } from '../../../packages/agent/src/log/log-settings.ts';
import { HostsTable } from '../../../packages/agent/src/monitor/host-unit.ts';
import { parseConfigFile } from '../../../packages/shell/src/client/config-file.ts';
import type { FuzzTarget } from '../target.ts';

const WORDS = `
  [configurations. [gateway] [access] [hosts. [prompt] [[ ]] defaultConfiguration program args
  idleTimeoutMs maxIdleTimeoutMs outputBufferingMode maxShells permitRoot allowUsers denyUsers
  administrators allowedOrigins maxConnections url hostKey __proto__ constructor toString true -inf
  [log] [metrics] [host] [hosts] file level warn address 127.0.0.1:9433 unix:/run/x [::1]:1 allowRemote
  certificate start systemd setpriv
  nan 1979-05-27 0x 1e400 9223372036854775807 # . , * @ [ ]
`;
const DICTIONARY = [
  ...WORDS.trim().split(/\s+/),
  '{',
  '}',
  '"""',
  "'''",
  '\\u0000',
  '\\',
  '= ',
  '\n',
  '\r\n',
  '"',
  "'",
];

/**
 * The configuration files of the agent and of the shell. What is no TOML, or not as agreed, is one line; what counts is the
 * same when it is written again; and no rule lets in whom it denies.
 */
export function makeTarget(): FuzzTarget {
  return {
    inputs: 'bytes',
    dictionary: DICTIONARY,
    maxBytes: 2048,
    run(input) {
      const text = input.toString();
      const outcomes = [
        attempt(() => checkAgain(parseConfig('FILE', text))),
        attempt(() => void parseTable('FILE', text, 'gateway', GatewaySettings)),
        attempt(() => void parseTable('FILE', text, 'log', LogTable)),
        attempt(() => void metricsPlace(parseTable('FILE', text, 'metrics', MetricsTable))),
        attempt(() => void parseTable('FILE', text, 'host', HostTable)),
        attempt(() => void parseTable('FILE', text, 'hosts', HostsTable)),
        attempt(() => checkRules(parseTable('FILE', text, 'access', AccessRules))),
        attempt(() =>
          assertSame('config.toml', parseConfigFile('FILE', text), (other) => parseConfigFile('FILE', other)),
        ),
      ];
      return outcomes.join(' | ');
    },
  };
}

/** @returns the declared error, without its values */
function attempt(act: () => void): string {
  try {
    act();
    return 'good';
  } catch (error) {
    if (!(error instanceof RemotingError) || error.id !== 'InvalidSetting') throw error;
    if (/\p{Cc}/u.test(error.message)) throw new Error(`It is no line of text: ${error.message}`, { cause: error });
    return error.message.replaceAll(/\d+|"[^"]*"|'[^']*'/g, '').slice(0, 100);
  }
}

function checkAgain({ defaultConfiguration, configurations, record }: ReturnType<typeof parseConfig>): void {
  const written = (from: ReturnType<typeof parseConfig>): object => ({
    defaultConfiguration: from.defaultConfiguration,
    record: from.record,
    configurations: Object.fromEntries(
      [...from.configurations].map(([key, one]) => [key, { ...one, name: undefined, noProfile: undefined }]),
    ),
  });
  assertSame('agent.toml', written({ defaultConfiguration, configurations, record }), (other) =>
    written(parseConfig('FILE', other)),
  );
}

function assertSame(file: string, value: object, read: (text: string) => object): void {
  const lines = Object.entries(value).flatMap(([key, one]) =>
    one === undefined ? [] : `${inToml(key)} = ${inToml(one)}\n`,
  );
  const again = read(lines.join(''));
  if (JSON.stringify(again) !== JSON.stringify(value))
    throw new Error(`${file} is another one when it is written again`);
}

function checkRules(rules: AccessRules): void {
  for (const user of ['ann', 'adm-1']) {
    const problem = ruleProblem({ user, uid: 1000 }, ['staff'], rules);
    if (problem === undefined && rules.denyUsers.includes(user)) throw new Error(`${user} is let in and denied`);
  }
  if (ruleProblem({ user: 'root', uid: 0 }, [], rules) === undefined && !rules.permitRoot)
    throw new Error('Root is let in');
}

/** Written anew, in the simplest form: every table in line, every string in quotes. */
function inToml(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inToml).join(', ')}]`;
  if (typeof value !== 'object' || value === null)
    return JSON.stringify(value).replaceAll('\u007f', String.raw`\u007f`);
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  return `{${entries.map(([key, one]) => `${inToml(key)} = ${inToml(one)}`).join(', ')}}`;
}
