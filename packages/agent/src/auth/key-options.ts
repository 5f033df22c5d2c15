/** What the options in front of a key say of it (sshd(8), AUTHORIZED_KEYS FILE FORMAT). */
export type KeyOptions = {
  /** The key is an authority that signs certificates, and lets nobody in itself. */
  isAuthority: boolean;
  /** Principals of a certificate that may come in, instead of the user's name. */
  principals?: readonly string[];
  /** Lists of addresses; the client must be in each. */
  from: readonly { list: string; kind: 'patterns' | 'networks' }[];
  terminal: boolean;
  /** Runs in the place of whatever is asked. */
  command?: string;
  /** From this moment on, milliseconds since 1970, the line counts no more. */
  expiresAt?: number;
  /** A security key must have been touched, and must have asked who touched it. */
  touch: boolean;
  verified: boolean;
};

/** Without an option nothing is restricted. */
export const NO_OPTIONS: KeyOptions = { isAuthority: false, from: [], terminal: true, touch: true, verified: false };

/** Flags about what we do not do at all: forwarding, and running ~/.ssh/rc. With `no-` or without. */
const WITHOUT_EFFECT = new Set(['agent-forwarding', 'port-forwarding', 'x11-forwarding', 'user-rc']);

/** Flags that sshd knows, each with what it changes when it is set, and when there is a `no-` in front if it may be. */
const FLAGS: Readonly<Record<string, { on: Partial<KeyOptions>; off?: Partial<KeyOptions> }>> = {
  restrict: { on: { terminal: false } },
  pty: { on: { terminal: true }, off: { terminal: false } },
  'cert-authority': { on: { isAuthority: true } },
  'touch-required': { on: { touch: true }, off: { touch: false } },
  'verify-required': { on: { verified: true }, off: { verified: false } },
};

/** Options with a value: what they change, or why not. */
const VALUES: Readonly<Record<string, (value: string, options: KeyOptions) => Partial<KeyOptions> | string>> = {
  command: (command, options) => (options.command === undefined ? { command } : 'There are two commands'),
  from: (list, options) =>
    options.from.length === 0 ? { from: [{ list, kind: 'patterns' }] } : 'There are two lists of addresses (from)',
  principals: (list, options) =>
    options.principals === undefined ? { principals: list.split(',') } : 'There are two lists of principals',
  'expiry-time': (value, options) => {
    const expiresAt = parseExpiry(value);
    if (expiresAt === undefined) return 'Its expiry-time is no time';
    return { expiresAt: Math.min(expiresAt, options.expiresAt ?? Infinity) };
  },
  environment: () => 'Its option environment is not honoured here, as with PermitUserEnvironment no of sshd',
  // Where forwards may lead, and we have none.
  permitopen: () => ({}),
  permitlisten: () => ({}),
  tunnel: () => ({}),
};

/** A user's own file must not keep the agent busy. */
const MAX_OPTIONS_LENGTH = 64 * 1024;

/** So much of the name of an option we do not know goes into the log. */
const MAX_NAME = 40;

/** One option; in a value `\"` stands for a quote, and any other backslash for itself. */
const OPTION = /([A-Za-z0-9-]+)(?:="((?:\\"|[^"\\]|\\(?!"))*)")?(?:,|$)/y;

/** The options of a line, or why it must not let the key in: what we do not honour is never ignored. */
export function parseKeyOptions(text: string): KeyOptions | { refused: string } {
  if (text.length > MAX_OPTIONS_LENGTH) return { refused: `Its options have ${text.length} characters` };
  let options = NO_OPTIONS;
  const option = new RegExp(OPTION);
  while (option.lastIndex < text.length) {
    const [, name = '', quoted] = option.exec(text) ?? [];
    if (name === '') return { refused: 'Its options cannot be read' };
    const change = changeBy(name.toLowerCase(), quoted?.replaceAll('\\"', '"'), options);
    if (typeof change === 'string') return { refused: change };
    options = { ...options, ...change };
  }
  return text.endsWith(',') ? { refused: 'Its options cannot be read' } : options;
}

function changeBy(name: string, value: string | undefined, options: KeyOptions): Partial<KeyOptions> | string {
  const unknown = `Its option ${name.slice(0, MAX_NAME)} is not honoured here`;
  if (value !== undefined) return ownEntry(VALUES, name)?.(value, options) ?? unknown;
  const bare = name.replace(/^no-/, '');
  if (WITHOUT_EFFECT.has(bare)) return {};
  const flag = ownEntry(FLAGS, bare);
  return (bare === name ? flag?.on : flag?.off) ?? unknown;
}

function ownEntry<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

/** YYYYMMDD, YYYYMMDDHHMM or YYYYMMDDHHMMSS; local time unless a Z follows. */
function parseExpiry(value: string): number | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?(Z?)$/i.exec(value);
  const [, year = '', month = '', day = '', hour = '00', minute = '00', second = '00', zone = ''] = match ?? [];
  // Without Z such a text is local time (ECMA-262, 21.4.1.32); one that is no time gives NaN.
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}${zone.toUpperCase()}`);
  return Number.isNaN(time) ? undefined : time;
}
