import { Name, RemotingError } from '@holdfast/protocol';
import * as v from 'valibot';

/** Characters of a name that is refused which are worth telling. */
const SHOWN_LENGTH = 40;

/** Checks a session's name before it goes to a host. @throws RemotingError InvalidSessionName */
export function checkSessionName(name: string): void {
  if (v.safeParse(Name, name).success) return;
  const shown = JSON.stringify(name.length > SHOWN_LENGTH ? `${name.slice(0, SHOWN_LENGTH)}…` : name);
  const rule = 'a name has 1 to 255 characters, none of them a control character';
  throw new RemotingError('InvalidSessionName', `A session cannot be named ${shown}: ${rule}`, { target: name });
}
