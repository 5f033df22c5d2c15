import { FaultLink } from './fault-link.ts';
import { RIPPLE } from './fault-plan.ts';
import { startRemote, type Remote, type RemoteOptions } from './remote.ts';

/** A Remote whose client knows the agent as `srv1` over a link that can fail, and as `direct` beside it. */
export type Relayed = Remote & { link: FaultLink };

export async function startRelayed(options: RemoteOptions = {}): Promise<Relayed> {
  const remote = await startRemote(options);
  const link = await FaultLink.start(() => remote.agent.port, RIPPLE);
  const { port, hostKey } = remote.agent;
  remote.client.knows({ srv1: { port: link.port, hostKey }, direct: { port, hostKey } });
  return {
    ...remote,
    link,
    async [Symbol.asyncDispose]() {
      await link[Symbol.asyncDispose]();
      await remote[Symbol.asyncDispose]();
    },
  };
}
