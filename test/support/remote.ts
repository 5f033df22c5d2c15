import { Machine } from './machine.ts';
import { SmallDisk } from './small-disk.ts';
import { TestAgent, agentState } from './test-agent.ts';

/** A host with an agent and a person's machine that knows it as `srv1`; both go when the test is over. */
export type Remote = {
  host: Machine;
  client: Machine;
  agent: TestAgent;
  /** Where all is that the agent keeps, if one was asked for. */
  disk: SmallDisk | undefined;
} & AsyncDisposable;

/** What a Remote is made with. */
export type RemoteOptions = {
  bashrc?: string;
  env?: Record<string, string>;
  args?: readonly string[];
  /** The agent's configuration file. */
  config?: string;
  homeBytes?: number;
  /** Bytes of a small disk of its own for all that the agent keeps. */
  disk?: number;
  /** The agent's, when it is a build in another folder. */
  program?: string;
};

/** Starts an agent on a machine of its own, and makes a person's machine whose key opens it. */
export async function startRemote(options: RemoteOptions = {}): Promise<Remote> {
  const bashrc = options.bashrc ?? '';
  const host = new Machine({ bashrc, ...(options.homeBytes === undefined ? {} : { homeBytes: options.homeBytes }) });
  const client = new Machine();
  const disk = options.disk === undefined ? undefined : new SmallDisk(agentState(host), options.disk);
  const agent = await TestAgent.start(host, [client.publicKey()], {
    ...(options.env === undefined ? {} : { env: options.env }),
    ...(options.args === undefined ? {} : { args: options.args }),
    ...(options.config === undefined ? {} : { config: options.config }),
    ...(options.program === undefined ? {} : { program: options.program }),
  });
  client.knows({ srv1: { port: agent.port, hostKey: agent.hostKey } });
  return {
    host,
    client,
    agent,
    disk,
    async [Symbol.asyncDispose]() {
      await agent.kill();
      disk?.[Symbol.dispose]();
      client[Symbol.dispose]();
      host[Symbol.dispose]();
    },
  };
}

/** Another machine of the same person, which knows the agent as `srv1`, too. */
export function makeSecondMachine({ client, agent }: Remote): Machine {
  const second = new Machine({ key: false });
  second.takeKeyOf(client);
  second.knows({ srv1: { port: agent.port, hostKey: agent.hostKey } });
  return second;
}
