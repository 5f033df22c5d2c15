import {
  CloseCode,
  describeRestrictions,
  optimizeEarly,
  type CloseReason,
  type HostVisitor,
  type IncomingRequest,
  type RecordedType,
  type Transport,
} from '@holdfast/protocol';
import { Control, type GrantedSession } from './control.ts';
import { ExecChannels } from './exec-channels.ts';
import { Fleet, type Asker } from './fleet.ts';
import type { GatewayContext } from './gateway-context.ts';
import type { HostLink } from './host-link.ts';
import { HostLinks } from './host-links.ts';
import type { ReachableHosts } from './reachable-hosts.ts';
import { RecordView } from './record-view.ts';
import { Relay } from './relay.ts';
import { SilenceWatch } from './silence-watch.ts';

/** What a granted request is called in the log; in the record, what came of it stands as the session host wrote it. */
const ACTS: Partial<Record<IncomingRequest['type'], string>> = {
  'session.open': 'session.opened',
  'session.connect': 'session.connected',
  'session.watch': 'session.watched',
  'session.detach': 'session.detached',
  'session.stop': 'session.stopped',
  'session.grant': 'session.granted',
  'exec.start': 'exec.started',
  'connection.goodbye': 'client.left',
};

/** A certificate's id and a key's command may be long. */
const MAX_DETAIL = 1000;

/** One authenticated client: its relay, its links to session hosts, and what it does in the record. */
export class ClientConnection {
  readonly client: HostVisitor;
  readonly #gateway: GatewayContext;
  readonly #transport: Transport;
  readonly #links: HostLinks;
  readonly #relay: Relay;
  readonly #silence: SilenceWatch;
  readonly #onClosed: (connection: ClientConnection) => void;
  #closed = false;

  /** Takes the transport's listeners. */
  constructor(
    transport: Transport,
    { client, hosts }: { client: HostVisitor; hosts: ReachableHosts },
    gateway: GatewayContext,
    onClosed: (connection: ClientConnection) => void,
  ) {
    this.client = client;
    this.#gateway = gateway;
    this.#transport = transport;
    this.#onClosed = onClosed;
    const { registry, settings, counters } = gateway;
    const execs = new ExecChannels();
    this.#links = new HostLinks(hosts, client, {
      answerMs: settings.hostAnswerMs,
      guestAnswerMs: settings.guestAnswerMs,
      lingerMs: settings.hostLingerMs,
      onOpen: () => this.#silence.onHostLinked(),
      onNewest: (link) => gateway.journals.onLink(link),
      lastLook: (link) => gateway.journals.lastLook(link),
      listeners: {
        onFrame: (frame, from) => this.#relay.toClient(frame, from),
        onDrain: () => this.#relay.onHostDrain(),
        onRefused: ({ id }, error) => control.refuse(id, error),
        onClose: (link) => this.#onHostClosed(link),
      },
    });
    this.#relay = new Relay(transport, {
      maxQueuedBytes: settings.maxQueuedBytes,
      traffic: counters.traffic,
      hostLinks: () => this.#links.open,
      onMessage: (message, frames) => control.onMessage(message, frames),
      onHostFrame: (frame) => {
        for (const channel of execs.onHostFrame(frame)) this.#relay.unroute(channel);
      },
    });
    const control = new Control({
      relay: this.#relay,
      links: this.#links,
      hosts,
      execs,
      caller: client.caller,
      fleet: new Fleet(this.#links, settings, askerOf(client, hosts)),
      sessionId: (openId) => registry.sessionId({ user: client.caller.user, openId, address: client.caller.address }),
      status: () => gateway.identity,
      record: new RecordView(gateway, client.caller),
      onGranted: (request, session) => this.#onGranted(request, session),
      maxPendingRequests: settings.maxPendingRequests,
    });
    this.#silence = new SilenceWatch(transport, settings, {
      lastFrameAt: () => this.#relay.lastFrameAt,
      hosts: () => this.#links.open,
    });
    transport.onClose = (reason) => this.#onClientClosed(reason);
  }

  /** Bytes that wait until the client reads them. */
  get queuedBytes(): number {
    return this.#transport.bufferedBytes;
  }

  /** Records the client, and reaches out to its session host before it asks. */
  begin(how: { resumed: boolean }): void {
    this.#gateway.counters.add('admitted', how.resumed ? 'ticket' : 'key');
    const { certificate, restrictions } = this.client.caller;
    const details = [
      how.resumed ? 'by ticket' : undefined,
      certificate === undefined ? undefined : `by certificate ${certificate}`,
      restrictions === undefined ? undefined : `restricted: ${describeRestrictions(restrictions)}`,
    ].filter((detail) => detail !== undefined);
    this.#record('client.connected', details.length === 0 ? undefined : details.join('; ').slice(0, MAX_DETAIL));
    this.#links.warm();
  }

  /** Says that the gateway stops, and closes. */
  sayGoaway(reason: string, retryAfterMs: number): void {
    this.#relay.sendMessage({ type: 'connection.goaway', reason, retryAfterMs });
    this.#relay.close(CloseCode.goingAway, reason);
  }

  /** Closes at once. */
  terminate(): void {
    this.#transport.terminate();
  }

  #onClientClosed({ code, reason }: CloseReason): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#relay.close(code, reason);
    this.#silence.stop();
    this.#links.close();
    this.#record('client.disconnected', reason === '' ? String(code) : `${code} ${reason}`);
    this.#onClosed(this);
  }

  /** The client comes again, asks for its channels, and is told which of them are lost. */
  #onHostClosed(link: HostLink): void {
    if (this.#closed || !this.#relay.leadsTo(link)) return;
    this.#gateway.counters.add('hostsLost');
    this.#gateway.log('host.lost', { generation: link.hello.generation, user: this.client.caller.user });
    this.#relay.close(CloseCode.goingAway, 'A session host ended');
  }

  #onGranted(request: IncomingRequest, session: GrantedSession | undefined): void {
    if (request.type === 'session.open' || request.type === 'session.connect') optimizeEarly();
    const act = actOf(request);
    if (act === undefined) return;
    this.#gateway.counters.add('acts', act);
    // The rest is in the record as the session host wrote it.
    if (request.type === 'connection.goodbye') this.#record('client.left');
    else this.#gateway.log(act, { ...this.#who, ...session });
  }

  get #who(): { user: string; key: string; address: string; client: string } {
    const { user, key, address } = this.client.caller;
    return { user, key, address, client: this.client.clientName };
  }

  #record(type: RecordedType, detail?: string): void {
    const event = { ...this.#who, detail };
    this.#gateway.registry.record({ type, ...event });
    this.#gateway.log(type, event);
  }
}

function actOf({ type, body }: IncomingRequest): string | undefined {
  if (type === 'session.connect' && body.force) return 'session.taken';
  if (type === 'session.grant' && body.access === 'none') return 'session.revoked';
  if (type === 'session.keyboard') return body.act === 'take' ? 'keyboard.taken' : 'keyboard.given';
  return ACTS[type];
}

function askerOf({ caller }: HostVisitor, hosts: ReachableHosts): Asker {
  return {
    user: caller.user,
    isAdministrator: caller.roles.includes('administrator'),
    ownerOf: (name) => hosts.ownerOf(name),
  };
}
