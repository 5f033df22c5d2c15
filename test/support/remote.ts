import { Machine } from './machine.ts';
import { TestAgent } from './test-agent.ts';

/** A host with an agent and a person's machine that knows it as `srv1`; both go when the test is over. */
export type Remote = { host: Machine; client: Machine; agent: TestAgent } & AsyncDisposable;

/** @param options.via a port to reach the agent at instead of its own (a LinkProxy's) */
export async function startRemote(
  options: { bashrc?: string; env?: Record<string, string>; args?: readonly string[]; homeBytes?: number } = {},
): Promise<Remote> {
  const bashrc = options.bashrc ?? '';
  const host = new Machine({ bashrc, ...(options.homeBytes === undefined ? {} : { homeBytes: options.homeBytes }) });
  const client = new Machine();
  const agent = await TestAgent.start(host, [client.publicKey()], {
    ...(options.env === undefined ? {} : { env: options.env }),
    ...(options.args === undefined ? {} : { args: options.args }),
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
