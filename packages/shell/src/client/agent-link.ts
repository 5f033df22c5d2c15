import { userInfo } from 'node:os';
import { RemotingError } from '@holdfast/protocol';
import { agentDial, type AgentAddress } from './agent-dial.ts';
import { KnownHosts, createHostKeyCheck, type HostKeyQuestion } from './known-hosts.ts';
import type { Dial, LinkOpening } from './link-keeper.ts';
import { Patience } from './patience.ts';
import { ResumableLink } from './resumable-link.ts';
import type { AskPassphrase } from './ssh-key.ts';
import { UserKeys } from './user-keys.ts';

/** How to prove who one is, and whom to ask; see ConnectOptions. */
export type AgentLinkOptions = LinkOpening & {
  knownHostsFiles?: readonly string[];
  identity?: string;
  confirmHostKey?: (question: HostKeyQuestion) => Promise<boolean>;
  askPassphrase?: AskPassphrase;
};

/** Ends of a handshake that was kept waiting by a question to a person. */
const GAVE_UP = new Set(['ConnectionLost', 'HandshakeTimeout']);

/** Opens the first link to a gateway, through TLS and the handshake. @throws RemotingError as connect() */
export async function openAgentLink(address: AgentAddress, options: AgentLinkOptions): Promise<ResumableLink> {
  const { settings } = options;
  using patience = new Patience(settings.connectTimeoutMs);
  const dial = dialFor(address, options, patience);
  const signal = patience.joined(options.signal);
  try {
    return await ResumableLink.open(dial, settings, signal);
  } catch (error) {
    const again = patience.asked && error instanceof RemotingError && GAVE_UP.has(error.id) && !signal.aborted;
    if (!again) throw error;
  }
  // The answer came after the host's patience had ended; now everything is known.
  return ResumableLink.open(dial, settings, signal);
}

function dialFor(address: AgentAddress, options: AgentLinkOptions, patience: Patience): Dial {
  const { computerName, host, port } = address;
  const keys = new UserKeys({
    identity: options.identity ?? address.identity,
    agentSocket: options.environment['SSH_AUTH_SOCK'] ?? '',
    agentTimeouts: { listMs: options.settings.sshAgentListMs, signMs: options.settings.sshAgentSignMs },
    askPassphrase: patience.whileAsking(options.askPassphrase),
  });
  return agentDial(address, {
    ...options.client,
    user: address.user ?? userInfo().username,
    checkHostKey: createHostKeyCheck({
      computerName,
      host,
      port,
      pinned: address.hostKey,
      knownHosts: new KnownHosts(options.knownHostsFiles),
      confirm: patience.whileAsking(options.confirmHostKey),
    }),
    keys: () => keys,
    leftOut: () => keys.leftOut,
  });
}
