import type { AttachedClient, SessionInfo } from '@holdfast/protocol';
import { describeClient } from '../client/describe-client.ts';

/** Says in one line what has changed among those who are attached to a session. */
export class AttendanceLines {
  readonly #own: () => number | undefined;
  #known: readonly AttachedClient[];

  /** @param own which one of them is this client */
  constructor({ attachments = [] }: SessionInfo, own: () => number | undefined) {
    this.#known = attachments;
    this.#own = own;
  }

  /** @returns undefined when nothing that others did is new */
  next(attachments: readonly AttachedClient[]): string | undefined {
    const before = this.#known;
    this.#known = attachments;
    const [was, is] = [typistOf(before), typistOf(attachments)];
    if (was?.number !== is?.number) return this.#typing(is);
    const came = attachments.find((one) => !before.some(({ number }) => number === one.number));
    if (came !== undefined && came.number !== this.#own()) return `${describeClient(came)} watches`;
    const left = before.find((one) => !attachments.some(({ number }) => number === one.number));
    return left === undefined || left.number === this.#own() ? undefined : `${describeClient(left)} watches no more`;
  }

  #typing(typist: AttachedClient | undefined): string | undefined {
    if (typist === undefined) return 'Nobody has the keyboard';
    return typist.number === this.#own() ? undefined : `${describeClient(typist)} has the keyboard`;
  }
}

/** Who has the keyboard. */
export function typistOf(attachments: readonly AttachedClient[] = []): AttachedClient | undefined {
  return attachments.find(({ role }) => role === 'keyboard');
}
