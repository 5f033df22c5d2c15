import type { LinkChannel, ResumeEntry, ResumedEntry } from './link-channel.ts';

/** What one channel asks of a new link. */
export type ChannelResume = { channel: LinkChannel; asked: ResumeEntry[] };

/** The channels of a connection by number; numbers are never used twice. */
export class ChannelTable {
  readonly #byNumber = new Map<number, LinkChannel>();
  #next = 1;

  takeNumber(): number {
    return this.#next++;
  }

  add(channel: LinkChannel): void {
    for (const number of channel.numbers) this.#byNumber.set(number, channel);
  }

  remove(channel: LinkChannel): void {
    for (const number of channel.numbers) this.#byNumber.delete(number);
  }

  find(number: number): LinkChannel | undefined {
    return this.#byNumber.get(number);
  }

  all(): LinkChannel[] {
    return [...new Set(this.#byNumber.values())];
  }

  some(test: (channel: LinkChannel) => boolean): boolean {
    return this.all().some(test);
  }

  /** Takes all out. */
  clear(): LinkChannel[] {
    const all = this.all();
    this.#byNumber.clear();
    return all;
  }

  /** What to ask of the host on a new link, for those that were not `asked` yet and have something to go on with. */
  resumes(asked: readonly ChannelResume[] = []): ChannelResume[] {
    return this.all()
      .filter((channel) => !asked.some((resume) => resume.channel === channel))
      .map((channel) => ({ channel, asked: channel.resumeEntries() }))
      .filter(({ asked: entries }) => entries.length > 0);
  }

  /** Gives each channel the host's answers to what it asked. */
  deliver(resumes: readonly ChannelResume[], answers: readonly ResumedEntry[]): void {
    for (const { channel, asked } of resumes) {
      channel.onResumed(answers.filter((answer) => asked.some((entry) => entry.channel === answer.channel)));
    }
  }
}
