import { randomUUID } from 'node:crypto';
import type { ReplyOf, RequestOf } from '@holdfast/protocol';
import type { HostClient, TestChannel } from './host-client.ts';
import { Viewer } from './viewer.ts';

/** Attaches to a session without its keyboard. */
export async function watch(client: HostClient, instanceId: string, sizing = false): Promise<TestChannel> {
  const channel = client.newChannel();
  const request = { channel: channel.channel, instanceId, watchId: randomUUID(), sizing };
  channel.attachment = (await client.link.request('session.watch', request)).attachment;
  return channel;
}

/** Takes the keyboard of a session, or gives it back. */
export function keyboard(
  client: HostClient,
  { channel }: TestChannel,
  act: RequestOf<'session.keyboard'>['act'],
): Promise<ReplyOf<'session.keyboard'>> {
  return client.link.request('session.keyboard', { channel, act, keyboardId: randomUUID() });
}

/** A watcher's terminal: what it shows of all that was painted for it so far. */
export class WatcherTerminal {
  readonly viewer: Viewer;
  readonly #channel: TestChannel;
  #shown = 0;

  constructor(channel: TestChannel, size: { columns: number; rows: number } = { columns: 80, rows: 24 }) {
    this.viewer = new Viewer(size.columns, size.rows, 0);
    this.#channel = channel;
  }

  /** The rows, without blanks at their ends. */
  async rows(): Promise<string[]> {
    const { paintings } = this.#channel;
    for (; this.#shown < paintings.length; this.#shown += 1)
      await this.viewer.show(Buffer.from(paintings[this.#shown] ?? '', 'latin1'));
    const { active } = this.viewer.emulator.terminal.buffer;
    const { rows } = this.viewer.emulator.terminal;
    return Array.from({ length: rows }, (_, at) => active.getLine(active.baseY + at)?.translateToString(true) ?? '');
  }

  /** Resolves when the rows are as wanted. */
  async until(isWanted: (rows: string[]) => boolean): Promise<string[]> {
    for (;;) {
      const rows = await this.rows();
      if (isWanted(rows)) return rows;
      await this.#channel.until(() => this.#channel.paintings.length > this.#shown);
    }
  }
}
