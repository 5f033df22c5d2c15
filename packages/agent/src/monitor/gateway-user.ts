import { RemotingError } from '@holdfast/protocol';
import { findIdentity, type Identity } from '../auth/identity.ts';

/** An account that is meant for this, if somebody has made it. */
const DEDICATED = 'holdfast';
const NOBODY = 'nobody';

/**
 * The account that the gateway runs as: the one that the configuration names, else `holdfast`, else `nobody`.
 * @throws RemotingError InvalidSetting when there is none, or it is root
 */
export async function findGatewayUser({
  user: named,
  lookupMs,
}: {
  user?: string | undefined;
  lookupMs: number;
}): Promise<Identity> {
  const found =
    named === undefined
      ? ((await findIdentity(DEDICATED, lookupMs)) ?? (await findIdentity(NOBODY, lookupMs)))
      : await findIdentity(named, lookupMs);
  if (found === undefined) {
    const name = named ?? DEDICATED;
    throw new RemotingError(
      'InvalidSetting',
      `There is no user ${name} for the gateway: make it with useradd --system --shell /usr/sbin/nologin ${name}`,
    );
  }
  if (found.uid === 0)
    throw new RemotingError('InvalidSetting', `The gateway must not run as ${found.user}: [gateway] user names root`);
  return found;
}

/** What is said of it at the start. */
export function describeGatewayUser({ user }: Identity): string {
  const advice = user === NOBODY ? ` (for an account of its own: useradd --system ${DEDICATED})` : '';
  return `The network side runs as ${user}${advice}`;
}
