import { join } from 'node:path';
import { connect } from '@holdfast/shell/client';
import type { ClientReport, ClientTask, ClientWish } from './client-process.ts';

const task: ClientTask = JSON.parse(process.argv[2] ?? '');
const say = (report: ClientReport): void => void process.send?.(report);

/** Numbers its lines and keeps what it is given, from its first line on. */
const program = (index: number): string =>
  `(stty raw -echo opost onlcr; exec 9<> <(:); while :; do for n in {1..20}; do echo $((++i)); done; ` +
  `read -rt 0.1 -u 9; done & cat > ${task.files}-${index})`;

process.on('disconnect', () => process.exit(0));
const connection = await connect(task.host, {
  knownHostsFiles: [join(process.env['HOME'] ?? '', '.ssh/known_hosts')],
  identity: join(process.env['HOME'] ?? '', '.ssh/id_ed25519'),
  settings: task.settings,
});
connection.onLinkState((state, { reason }) => say({ kind: 'link', state, reason }));
const sessions = await Promise.all(
  Array.from({ length: task.sessions }, async (_, index) => {
    const session = await connection.openSession({ name: `${task.files}-${index}`, columns: 80, rows: 24 });
    const begun = Promise.withResolvers<void>();
    await session.show({
      columns: 80,
      rows: 24,
      skipEcho: true,
      onOutput: (bytes, done) => {
        say({ kind: 'output', session: index, bytes });
        done();
        begun.resolve();
      },
      onSnapshot: () => say({ kind: 'over', session: index, reason: 'It was shown a snapshot' }),
      onEvent: () => {},
    });
    session.onState((state, { reason }) => say({ kind: 'over', session: index, reason: `${state}: ${reason}` }));
    session
      .run(program(index))
      .ended.catch((error: Error) => say({ kind: 'over', session: index, reason: error.message }));
    await begun.promise;
    return session;
  }),
);
process.on('message', ({ session, bytes }: ClientWish) => sessions[session]?.write(bytes));
say({ kind: 'begun' });
