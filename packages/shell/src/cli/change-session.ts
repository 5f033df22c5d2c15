import { RemotingError } from '@holdfast/protocol';
import { connect } from '../client/connect.ts';
import type { ConnectionQuestions } from '../runtime/connection-questions.ts';
import { findSession } from './find-session.ts';

/** `disconnect HOST NAME` and `stop HOST NAME`, whichever client holds the session. @throws RemotingError */
export async function changeSession(
  { kind, host, name }: { kind: 'disconnect' | 'stop'; host: string; name: string },
  questions: ConnectionQuestions,
): Promise<number> {
  const connection = await connect(host, questions);
  try {
    const infos = await connection.listSessions();
    const running = infos.filter((info) => info.state === 'Running').map((info) => ({ info }));
    const found = findSession(running, name, { user: connection.user, whose: 'any' });
    if (found === undefined) {
      throw new RemotingError('SessionNotFound', `${connection.computerName} has no session ${name}`, { target: name });
    }
    const { instanceId } = found.info;
    if (kind === 'stop') {
      await connection.stopSession(instanceId);
      process.stdout.write(`${name} on ${connection.computerName} is stopped\n`);
    } else {
      const { expiresAt } = await connection.detachSession(instanceId);
      const until = expiresAt === undefined ? '' : ` until ${new Date(expiresAt).toLocaleString()}`;
      process.stdout.write(`${name} on ${connection.computerName} goes on${until}\n`);
    }
    return 0;
  } finally {
    connection.close();
  }
}
