import type { FrameScheduler, FrameSource, Link } from '@holdfast/protocol';
import type { ChannelEnd, ChannelPort } from '../session/channel-port.ts';

/** What a port sends through, how long its client is silent, and who is told that its channel is free again. */
export type LinkPortOptions = {
  link: Link;
  scheduler: FrameScheduler;
  silentMs: () => number;
  onReleased: (port: LinkPort) => void;
};

/** A channel of one link. */
export class LinkPort implements ChannelPort {
  readonly channel: number;
  /** What the channel's frames go to. */
  end: ChannelEnd | undefined;
  readonly #options: LinkPortOptions;
  #released = false;

  constructor(channel: number, options: LinkPortOptions) {
    this.channel = channel;
    this.#options = options;
  }

  get silentMs(): number {
    return this.#options.silentMs();
  }

  wake(source: FrameSource): void {
    if (!this.#released) this.#options.scheduler.wake(source);
  }

  send(frame: Buffer): void {
    if (!this.#released) this.#options.link.transport.send(frame);
  }

  sendEvent(event: Parameters<ChannelPort['sendEvent']>[0]): void {
    if (!this.#released) this.#options.link.sendEvent(this.channel, event);
  }

  release(source?: FrameSource): void {
    if (source !== undefined) this.#options.scheduler.remove(source);
    if (this.#released) return;
    this.#released = true;
    this.#options.onReleased(this);
  }
}
