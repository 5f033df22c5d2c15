import type { RequestOf } from '@holdfast/protocol';
import type { SentCommand } from './command-table.ts';
import type { ResumableLink } from './resumable-link.ts';
import type { SessionChannel } from './session-channel.ts';

/**
 * Sends a command line in its place among the input, and over each new link again until it is answered.
 * @param held it waits for the shell's next prompt
 * @param isReady whether the shell is at its prompt now
 */
export function sendCommand(
  command: SentCommand,
  {
    link,
    channel,
    held,
    isReady,
  }: { link: ResumableLink; channel: SessionChannel; held: boolean; isReady: () => boolean },
  about: Omit<RequestOf<'command.run'>, 'channel' | 'commandId' | 'text'>,
): void {
  const body = { channel: channel.number, commandId: command.commandId, text: command.text, ...about };
  const request = channel.enqueue(() => {
    // A link that breaks before the answer: the queue sends it again.
    link.requestOnce('command.run', body).then(command.accept, command.failUnlessLinkLost);
  }, held);
  command.whenAnswered(() => {
    channel.settle(request);
    // A command that was refused leaves the prompt to the next.
    if (isReady()) channel.release();
  });
}
