import type { PSSession } from '../client/ps-session.ts';
import type { Remoting } from '../client/remoting.ts';
import type { PlaceStack } from './place-stack.ts';

/** What a goodbye is said with; `signal` ends the wait for hosts that do not answer. */
type GoodbyeParts = { remoting: Remoting; places: PlaceStack; print: (text: string) => void; signal: AbortSignal };

/** Ends this client's tie to everything, and says in one line each what becomes of its sessions. */
export async function sayGoodbye({ remoting, places, print, signal }: GoodbyeParts): Promise<void> {
  const local = places.local?.session.InstanceId;
  const { closed, left, failed } = await remoting.goodbyeAll(signal);
  const name = ({ Name, ComputerName, InstanceId }: PSSession): string =>
    InstanceId === local ? 'The local session' : `${Name} on ${ComputerName}`;
  for (const session of closed) {
    if (session.InstanceId !== local) print(`${name(session)} is closed\n`);
  }
  for (const session of left) {
    const until = session.ExpiresOn === undefined ? '' : `, until ${session.ExpiresOn.toLocaleString()}`;
    print(`${name(session)} goes on, disconnected${until}\n`);
  }
  for (const { computerName, error } of failed) {
    const reason = error instanceof Error ? error.message : String(error);
    print(`${computerName} could not be told; its sessions go on: ${reason}\n`);
  }
}
