import type { ConnectionWishes } from '../client/connection-wishes.ts';
import type { CmdletContext, Parameters } from '../runtime/cmdlet.ts';
import { credential } from '../runtime/credential.ts';
import { defined } from '../runtime/defined.ts';
import { arrayOf, int32, oneOf, string, switchParameter, type ParameterType } from '../runtime/parameter-type.ts';
import { chosenWishes, sessionOption, type PSSessionOption } from '../runtime/session-option.ts';
import { toText } from '../runtime/value-conversion.ts';
import { connectionUri } from './connection-uri.ts';
import { knownComputers, knownConfigurations } from './known-values.ts';

/** The hosts of a cmdlet that works on several; each says what for in its help. */
export const computerNames = {
  type: arrayOf(string),
  aliases: ['Cn'],
  position: 0,
  mandatory: true,
  wildcards: true,
  complete: knownComputers,
} as const satisfies Omit<Parameters[string], 'help'>;

/** The address of one agent. */
export const connectionAddress = {
  type: connectionUri,
  aliases: ['URI', 'CU'],
  position: 0,
  mandatory: true,
  pipeline: 'name',
  help: 'The host by the address of its agent: wss://host[:port], port 7433 by default. https:// is taken for wss://.',
} as const satisfies Parameters[string];

/** The addresses of several. */
export const connectionAddresses = {
  ...connectionAddress,
  type: arrayOf(connectionUri),
  help: 'The hosts by the addresses of their agents: wss://host[:port], port 7433 by default. https:// is taken for wss://.',
} as const satisfies Parameters[string];

export const authentication = oneOf(
  'AuthenticationMechanism',
  'Default',
  'Basic',
  'Negotiate',
  'NegotiateWithImplicitCredential',
  'Credssp',
  'Digest',
  'Kerberos',
);

/** A configuration by its name, which PowerShell also writes as a URI. */
export const configurationName: ParameterType<string> = {
  ...string,
  convert: (value) => string.convert(value).replace(/^https?:\/\/schemas\.microsoft\.com\/powershell\//iu, ''),
};

const MAX_PORT = 65_535;

const port: ParameterType<number> = {
  ...int32,
  convert(value) {
    const number = int32.convert(value);
    if (number >= 1 && number <= MAX_PORT) return number;
    throw new TypeError(`${number} is no port: give one from 1 to ${MAX_PORT}`);
  },
};

type Sets = {
  /** Those that name hosts, by -ComputerName and by -ConnectionUri. */
  readonly computer: readonly string[];
  readonly uri: readonly string[];
  /** Those of -HostName, which have a port too. */
  readonly ssh?: readonly string[];
};

/** How a host is reached; for the parameter sets that name hosts. */
export function connectionParameters({ computer, uri, ssh = [] }: Sets) {
  const both = [...computer, ...uri];
  return {
    ConfigurationName: {
      type: configurationName,
      complete: knownConfigurations,
      pipeline: 'name',
      sets: both,
      help: 'The session configuration of the host.',
    },
    Credential: {
      type: credential,
      pipeline: 'name',
      sets: both,
      help: 'The Unix user to be on the host: user, user@host or Domain\\user. It is proved by an SSH key.',
    },
    Port: {
      type: port,
      sets: [...computer, ...ssh],
      help: "The port of the host's agent, in the place of the one in its name or in config.toml.",
    },
    UseSSL: { type: switchParameter, sets: computer, help: 'Without effect: TLS is always used.' },
    ApplicationName: {
      type: string,
      pipeline: 'name',
      sets: computer,
      help: 'Kept and shown as AppName, without effect: an agent has one application.',
    },
    AllowRedirection: { type: switchParameter, sets: uri, help: 'Without effect: agents do not redirect.' },
    Authentication: {
      type: authentication,
      sets: both,
      help: 'Kept and shown, without effect: SSH keys prove who you are.',
    },
    CertificateThumbprint: {
      type: string,
      sets: both,
      help: 'Kept and shown, without effect: SSH keys prove who you are.',
    },
    SessionOption: {
      type: sessionOption,
      sets: both,
      help: 'How the host is reached and sessions are made: what New-PSSessionOption gives, or a hashtable; $PSSessionOption by default.',
    },
  } as const satisfies Parameters;
}

/** What -SessionOption says, and the parameters that are only shown. */
export type ConnectionArguments = {
  readonly SessionOption?: PSSessionOption | undefined;
  readonly ApplicationName?: string | undefined;
  readonly Authentication?: string | undefined;
  readonly CertificateThumbprint?: string | undefined;
};

/** How a cmdlet is told to make connections. @throws ErrorRecord when `$PSSessionOption` is none */
export function wishesOf(given: ConnectionArguments, { scope }: Pick<CmdletContext, 'scope'>): ConnectionWishes {
  const wishes = chosenWishes(given.SessionOption, scope);
  const preset = scope.get('PSSessionApplicationName') ?? undefined;
  const AppName = given.ApplicationName ?? (preset === undefined ? undefined : toText(preset));
  const { Authentication: AuthenticationMechanism, CertificateThumbprint } = given;
  const shown = { ...wishes.shown, ...defined({ AppName, AuthenticationMechanism, CertificateThumbprint }) };
  return { ...wishes, shown };
}

export const throttleLimit = {
  type: int32,
  help: 'How many hosts are worked on at once; 32 when it is not given.',
} as const satisfies Parameters[string];
