import { Machine } from './machine.ts';
import { TestAgent } from './test-agent.ts';

/** A host with an agent and a person's machine that knows it as `srv1`; both go when the test is over. */
export type Remote = { host: Machine; client: Machine; agent: TestAgent } & AsyncDisposable;

/** What a Remote is made with. */
export type RemoteOptions = {
  bashrc?: string;
  env?: Record<string, string>;
  args?: readonly string[];
  homeBytes?: number;
  /** The agent's, when it is a build in another folder. */
  program?: string;
};

/** Starts an agent on a machine of its own, and makes a person's machine whose key opens it. */
export async function startRemote(options: RemoteOptions = {}): Promise<Remote> {
  const bashrc = options.bashrc ?? '';
  const host = new Machine({ bashrc, ...(options.homeBytes === undefined ? {} : { homeBytes: options.homeBytes }) });
  const client = new Machine();
  const agent = await TestAgent.start(host, [client.publicKey()], {
    ...(options.env === undefined ? {} : { env: options.env }),
    ...(options.args === undefined ? {} : { args: options.args }),
    ...(options.program === undefined ? {} : { program: options.program }),
  });
  client.knows({ srv1: { port: agent.port, hostKey: agent.hostKey } });
  return {
    host,
    client,
    agent,
    async [Symbol.asyncDispose]() {
      await agent.kill();
      client[Symbol.dispose]();
      host[Symbol.dispose]();
    },
  };
}
