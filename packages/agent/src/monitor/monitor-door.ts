import type { Socket } from 'node:net';
import { RemotingError } from '@holdfast/protocol';
import * as v from 'valibot';
import type { ListenAddress } from '../gateway/listen-address.ts';
import { Desk, type DeskOptions } from './desk.ts';
import { FromGateway, type FromMonitor, type GatewayStart } from './messages.ts';

export type MonitorDoorOptions = {
  listen: ListenAddress;
  start: Omit<GatewayStart, 'type' | 'listen'>;
  desk: Omit<DeskOptions, 'send'>;
};

/** Gives each gateway process, one after the other, its start and a desk of its own. */
export class MonitorDoor {
  readonly #options: MonitorDoorOptions;
  readonly #listening = Promise.withResolvers<ListenAddress>();
  /** The first one may be given a free port; those that follow listen there too. */
  #listen: ListenAddress;

  constructor(options: MonitorDoorOptions) {
    this.#options = options;
    this.#listen = options.listen;
  }

  /** Where the first gateway listens. @throws RemotingError InvalidSetting when it cannot */
  get listening(): Promise<ListenAddress> {
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
        const news = v.safeParse(FromGateway, message);
        return news.success && (this.#takeNews(news.output) || desk.take(news.output));
      },
      close: () => {
        desk.close();
        this.#listening.reject(new RemotingError('InvalidSetting', 'The gateway ended before it listened'));
      },
    };
  }

  #takeNews(news: FromGateway): boolean {
    if (news.type === 'gateway.listening') {
      this.#listen = { host: news.host, port: news.port };
      this.#listening.resolve(this.#listen);
    } else if (news.type === 'gateway.failed') {
      this.#options.desk.log('gateway.failed', { message: news.message });
      this.#listening.reject(new RemotingError('InvalidSetting', news.message));
    } else {
      return false;
    }
    return true;
  }
}
