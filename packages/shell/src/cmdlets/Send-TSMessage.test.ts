import { createServer, type AddressInfo, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { HostsFile, type HostAddress } from '../client/hosts.ts';
import { RealAgent } from '../client/testing/real-agent.ts';
import { TestClient } from './testing/test-client.ts';

const agent = new RealAgent();
/** A host that takes connections and says nothing. */
const silent = createServer();
const taken: Socket[] = [];
let client: TestClient;

function named(computerName: string, port: number): HostAddress {
  const { fingerprint: hostKey, identity } = agent;
  return { kind: 'agent', computerName, host: '127.0.0.1', port, path: '/', hostKey, identity };
}

beforeAll(async () => {
  await agent.serve();
  silent.on('connection', (socket) => taken.push(socket.on('error', () => undefined)));
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
});

beforeEach(() => {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const { port } = silent.address() as AddressInfo;
  client = new TestClient(agent.environment, new HostsFile([named('srv1', agent.port), named('silent', port)]));
});

afterEach(async () => {
  for (const socket of taken.splice(0)) socket.destroy();
  await client.remoting.goodbyeAll();
});

afterAll(async () => {
  silent.close();
  await agent[Symbol.asyncDispose]();
});

test('a host that does not answer keeps no other waiting, and is said in its turn', async () => {
  await client.run('$s = New-PSSession srv1 -Name ITTask');
  const heard = new Promise<string>((resolve) => client.remoting.onNotice(({ line }) => resolve(line)));
  const sending = client.run("Send-TSMessage 'Going down' -Id $s.SessionId, 999 -ComputerName silent, srv1");
  expect(await heard).toMatch(/^Alert from \S+ .*: Going down$/u);
  await expect.poll(() => taken.length).toBeGreaterThan(0);
  silent.close();
  for (const socket of taken) socket.destroy();
  const { errors } = await sending;
  expect(errors).toHaveLength(2);
  expect(errors[0]).toContain('Send-TSMessage : The remote session query failed for silent with the following');
  expect(errors[1]).toBe('Send-TSMessage : There is no session 999 on srv1');
});
