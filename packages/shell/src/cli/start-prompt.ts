import { RemotingError, optimizeEarly } from '@holdfast/protocol';
import type { PSSession } from '../client/ps-session.ts';
import { Remoting } from '../client/remoting.ts';
import { connectionQuestions } from '../runtime/connection-questions.ts';
import { defined } from '../runtime/defined.ts';
import type { Host } from '../runtime/host.ts';
import { loadSettings } from '../settings.ts';
import { startRepl } from '../ui/start-repl.ts';
import { VERSION } from '../version.ts';
import type { EnterCommand } from './cli-command.ts';
import { findSession } from './find-session.ts';

/** The prompt on a local session, or of the session that `enter` names. @returns the exit status @throws RemotingError */
export function startPrompt(command: EnterCommand | { readonly kind: 'repl' }): Promise<number> {
  optimizeEarly();
  const { signal } = new AbortController();
  return startRepl({
    version: VERSION,
    settings: loadSettings(),
    createRemoting: (host) => new Remoting(connectionQuestions(host, signal)),
    ...(command.kind === 'enter' ? { enter: (...parts) => enterSession(command, ...parts) } : {}),
  });
}

/** Without a name a temporary session; with one, the session of that name, or else a new one. @throws RemotingError */
async function enterSession(
  { host: computerName, name, take, watch }: EnterCommand,
  remoting: Remoting,
  host: Host,
  signal: AbortSignal,
): Promise<{ session: PSSession; temporary: boolean } | undefined> {
  const { columns, rows } = host;
  const found = name === undefined ? undefined : await sessionNamed(name, { computerName, watch }, remoting, signal);
  if (watch) {
    if (found === undefined)
      throw new RemotingError('SessionNotFound', `There is no session ${name} on ${computerName}`);
    const connection = await remoting.connection(computerName, signal);
    await host.watch?.(found, await connection.watchSession(found.InstanceId, { signal }));
    return undefined;
  }
  if (found !== undefined) {
    const session = await remoting.connect(found, { force: take, signal }).catch(inOptions);
    return { session, temporary: false };
  }
  const temporary = name === undefined;
  const session = await remoting.newSession({ computerName, columns, rows, temporary, signal, ...defined({ name }) });
  return { session, temporary };
}

/** Somebody else's session is watched by its name, but not typed into. @throws RemotingError */
async function sessionNamed(
  name: string,
  { computerName, watch }: { computerName: string; watch: boolean },
  remoting: Remoting,
  signal: AbortSignal,
): Promise<PSSession | undefined> {
  const { user } = await remoting.connection(computerName, signal);
  return findSession(await remoting.querySessions(computerName, signal), name, { user, whose: watch ? 'any' : 'own' });
}

/** What a parameter would do at a prompt is done by an option here. @throws it */
function inOptions(error: unknown): never {
  if (!(error instanceof RemotingError) || error.id !== 'SessionHeldElsewhere') throw error;
  throw new RemotingError(error.id, error.message.replace('-Force', '--take'), {
    cause: error,
    ...defined({ target: error.target }),
  });
}
