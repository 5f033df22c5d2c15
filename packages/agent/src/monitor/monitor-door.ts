import type { Socket } from 'node:net';
import { RemotingError } from '@holdfast/protocol';
import * as v from 'valibot';
import type { ListenAddress } from '../gateway/listen-address.ts';
import { countSessions, type SessionFigures } from '../gateway/metrics/session-figures.ts';
import { Desk, wordsOf, type DeskOptions } from './desk.ts';
import { FromGateway, type FromMonitor, type GatewayNews, type GatewayStart } from './messages.ts';

export type MonitorDoorOptions = {
  listen: ListenAddress;
  start: Omit<GatewayStart, 'type' | 'listen'>;
  desk: Omit<DeskOptions, 'send'>;
};

/** Gives each gateway process, one after the other, its start and a desk of its own. */
export class MonitorDoor {
  readonly #options: MonitorDoorOptions;
  readonly #listening = Promise.withResolvers<ListenAddress & { metrics: string | undefined }>();
  /** The first one may be given a free port; those that follow listen there too. */
  #listen: ListenAddress;
  #counting: Promise<SessionFigures> | undefined;

  constructor(options: MonitorDoorOptions) {
    this.#options = options;
    this.#listen = options.listen;
  }

  /** Where the first gateway listens, and where its metrics are. @throws RemotingError InvalidSetting when it cannot */
  get listening(): Promise<ListenAddress & { metrics: string | undefined }> {
    return this.#listening.promise;
  }

  /** Serves a new gateway process. */
  serve(send: (message: FromMonitor, socket?: Socket) => void): {
    take: (message: unknown) => boolean;
    close: () => void;
  } {
    const desk = new Desk({ ...this.#options.desk, send });
    send({ type: 'gateway.start', listen: this.#listen, ...this.#options.start });
    return {
      take: (message) => {
        const parsed = v.safeParse(FromGateway, message);
        if (!parsed.success) return false;
        if (!isNews(parsed.output)) return desk.take(parsed.output);
        this.#takeNews(parsed.output, send);
        return true;
      },
      close: () => {
        desk.close();
        this.#listening.reject(new RemotingError('InvalidSetting', 'The gateway ended before it listened'));
      },
    };
  }

  #takeNews(news: GatewayNews, send: (message: FromMonitor) => void): void {
    if (news.type === 'gateway.listening') {
      this.#listen = { host: news.host, port: news.port };
      this.#listening.resolve({ ...this.#listen, metrics: news.metrics });
    } else if (news.type === 'gateway.failed') {
      this.#options.desk.log('gateway.failed', { message: news.message });
      this.#listening.reject(new RemotingError('InvalidSetting', news.message));
    } else if (news.type === 'monitor.ping') {
      send({ type: 'reply', id: news.id, names: [] });
    } else {
      void this.#count(news.id, send);
    }
  }

  /** Numbers only, of everybody's sessions: for the metrics. However often they are asked for, one question goes out. */
  async #count(id: number, send: (message: FromMonitor) => void): Promise<void> {
    const { hosts, settings } = this.#options.desk;
    this.#counting ??= countSessions(hosts.forRoot(), settings.hostAnswerMs).finally(() => {
      this.#counting = undefined;
    });
    try {
      send({ type: 'sessions.counted', id, figures: await this.#counting });
    } catch (error) {
      send({ type: 'error', id, ...wordsOf(error) });
    }
  }
}

function isNews(message: FromGateway): message is GatewayNews {
  return ['gateway.listening', 'gateway.failed', 'sessions.count', 'monitor.ping'].includes(message.type);
}
