import type { AttachedClient } from '@holdfast/protocol';
import { describeClient } from './describe-client.ts';

/** Somebody at a session, as a property of it. */
export class SessionAttachment {
  readonly User: string;
  readonly Client: string;
  readonly Address: string;
  readonly Role: 'Keyboard' | 'Watching';
  readonly Since: Date;
  /** False while its link is lost. */
  readonly Linked: boolean;
  readonly #text: string;

  constructor(known: AttachedClient) {
    this.User = known.user;
    this.Client = known.client;
    this.Address = known.address;
    this.Role = known.role === 'keyboard' ? 'Keyboard' : 'Watching';
    this.Since = new Date(known.since);
    this.Linked = known.linked;
    this.#text = `${describeClient(known)}: ${this.Role}`;
  }

  toString(): string {
    return this.#text;
  }
}
