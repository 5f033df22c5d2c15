import { homedir, userInfo } from 'node:os';
import { resolve } from 'node:path';
import { DEFAULT_PORT } from '@holdfast/protocol';
import type { ConnectionWishes } from '../client/connection-wishes.ts';
import { accountOf, type Destinations } from '../client/destinations.ts';
import type { HostAddress } from '../client/hosts.ts';
import type { PSSession } from '../client/ps-session.ts';
import type { CmdletContext } from '../runtime/cmdlet.ts';
import type { Credential } from '../runtime/credential.ts';
import { ErrorRecord } from '../runtime/error-record.ts';
import type { Hashtable } from '../runtime/hashtable.ts';
import { hasWildcard, matchesWildcard } from '../runtime/wildcard.ts';
import { hostOfTable, type SshHost } from './ssh-connection.ts';

/** A host as a cmdlet was told of it. */
export type Destination = SshHost & { readonly isUri?: boolean | undefined };

/** The parameters that say where; each cmdlet has some of them. */
export type DestinationArguments = {
  readonly ComputerName?: readonly string[] | undefined;
  readonly ConnectionUri?: readonly string[] | undefined;
  readonly HostName?: readonly string[] | undefined;
  readonly SSHConnection?: readonly Hashtable[] | undefined;
  readonly Credential?: Credential | undefined;
  readonly UserName?: string | undefined;
  readonly KeyFilePath?: string | undefined;
  readonly Port?: number | undefined;
  readonly ConnectingTimeout?: number | undefined;
};

/** The same for a cmdlet that works on one host. */
export type OneDestination = Omit<DestinationArguments, 'ComputerName' | 'ConnectionUri' | 'HostName'> & {
  readonly ComputerName?: string | undefined;
  readonly ConnectionUri?: string | undefined;
  readonly HostName?: string | undefined;
};

export function inLists(given: OneDestination): DestinationArguments {
  const list = (value: string | undefined): string[] | undefined => (value === undefined ? undefined : [value]);
  const { ComputerName, ConnectionUri, HostName } = given;
  return { ...given, ComputerName: list(ComputerName), ConnectionUri: list(ConnectionUri), HostName: list(HostName) };
}

type Place = Pick<CmdletContext, 'remoting' | 'nativeShell'>;

/** The hosts that are named, in that order; undefined when none is. @throws ErrorRecord for a table that is not as agreed */
export function namedDestinations(given: DestinationArguments, place: Place): Destination[] | undefined {
  const { ComputerName, ConnectionUri, HostName, SSHConnection, Credential: credential, Port: port } = given;
  const user = given.UserName ?? credential?.UserName;
  if (ConnectionUri !== undefined) {
    return ConnectionUri.map((name) => ({ name, computerName: new URL(name).hostname, isUri: true, user }));
  }
  const { cwd } = place.nativeShell;
  if (SSHConnection !== undefined) return SSHConnection.map((table) => withKeyPath(hostOfTable(table), cwd));
  if (HostName !== undefined) {
    const how = { user, port, identity: given.KeyFilePath, openTimeoutMs: given.ConnectingTimeout };
    return HostName.map((name) => withKeyPath({ name, computerName: name.replace(/^[^@]*@/u, ''), ...how }, cwd));
  }
  return ComputerName?.flatMap((name) => expandHosts(name, place.remoting.hosts.names)).map((name) => ({
    name,
    computerName: place.remoting.destinations.typedName(name),
    user,
    port,
  }));
}

/** The same, or else the host whose session is entered, or this machine. */
export function destinationsOf(
  given: DestinationArguments,
  context: Place & Pick<CmdletContext, 'host'>,
): Destination[] {
  const { entered } = context.host;
  const named = namedDestinations(given, context);
  if (named !== undefined) return named;
  if (entered === undefined) return namedDestinations({ ...given, ComputerName: ['localhost'] }, context) ?? [];
  return [enteredDestination(entered, given)];
}

/** The host of a session that is entered: as the same user there, unless another one is asked for. */
export function enteredDestination(entered: PSSession, { Credential, Port }: DestinationArguments): Destination {
  const { ComputerName: computerName, target } = entered;
  const name = Credential === undefined && Port === undefined ? target : computerName;
  return { name, computerName, user: Credential?.UserName, port: Port };
}

/** A pattern stands for the names of the hosts file that match it. */
function expandHosts(name: string, known: readonly string[]): string[] {
  return hasWildcard(name) && !name.startsWith('[') ? known.filter((host) => matchesWildcard(name, host)) : [name];
}

/**
 * What Remoting takes to reach a host.
 * @throws ErrorRecord where it cannot be reached so; RemotingError InvalidComputerName
 */
export function targetOf(to: Destination, destinations: Destinations): string {
  const { name, isUri = false, user, port, identity } = to;
  if (!isUri && user === undefined && port === undefined && identity === undefined) return name;
  let address = destinations.address(name);
  if (isUri) address = { ...address, computerName: to.computerName };
  if (port !== undefined) address = throughPort(address, port);
  if (identity !== undefined) address = withKey(address, identity);
  if (user !== undefined) address = asUser(to, user, { address, destinations });
  return accountOf(address) === accountOf(destinations.address(name)) ? name : destinations.nameOf(address);
}

function withKeyPath(to: Destination, cwd: string): Destination {
  const { identity } = to;
  return identity === undefined ? to : { ...to, identity: resolve(cwd, identity.replace(/^~(?=\/)/u, homedir())) };
}

/** -ConnectingTimeout is for this host what OpenTimeout is for all; -1 is without end. */
export function wishesFor({ openTimeoutMs }: Destination, wishes: ConnectionWishes): ConnectionWishes {
  return openTimeoutMs === undefined ? wishes : { ...wishes, openTimeoutMs: Math.max(0, openTimeoutMs) };
}

/** This machine has an agent too, if a port is named. */
function throughPort(address: HostAddress, port: number): HostAddress {
  if (address.kind === 'agent') return { ...address, port };
  return { kind: 'agent', computerName: address.computerName, host: 'localhost', port, path: '/' };
}

function withKey(address: HostAddress, identity: string): HostAddress {
  if (address.kind === 'agent') return { ...address, identity };
  const message = `On ${address.computerName} no key is needed: leave -KeyFilePath out, or name the port of an agent, ${DEFAULT_PORT} by default`;
  throw new ErrorRecord('KeyNotUsable', 'InvalidArgument', message, { target: address.computerName });
}

/** `user@host`, or a URL that names a user. */
const NAMES_USER = /^[^/]+@|:\/\/[^/]*@/u;

/** @throws ErrorRecord where nobody else can be had: on this machine, and where the name itself has another user */
function asUser(
  { name, computerName }: Destination,
  wanted: string,
  { address, destinations }: { address: HostAddress; destinations: Destinations },
): HostAddress {
  const self = userInfo().username;
  const user = address.kind === 'agent' ? (address.user ?? self) : self;
  if (user.toLowerCase() === wanted.toLowerCase()) return address;
  const isFixed = destinations.hosts.find(name) === undefined && NAMES_USER.test(name);
  if (address.kind === 'agent' && !isFixed) return { ...address, user: wanted };
  const message =
    address.kind === 'local'
      ? `On ${computerName} you are ${user}: use sudo to be ${wanted}`
      : `${name} names the user ${user} and -Credential names ${wanted}: give one of them`;
  throw new ErrorRecord('CredentialNotUsable', 'InvalidArgument', message, { target: computerName });
}
