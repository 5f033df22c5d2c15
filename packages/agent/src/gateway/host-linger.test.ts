import { FrameKind, encodeData } from '@holdfast/protocol';
import { expect, test } from 'vitest';
import { FakeSessionHost } from './testing/fake-session-host.ts';
import { attachedReply, openRequest } from './testing/session-fixture.ts';
import { TestClient } from './testing/test-client.ts';
import { TestHome, startTestGateway } from './testing/test-gateway.ts';

const FRAME_BYTES = 32 * 1024;
/** More than the kernel keeps for who does not read, and less than what makes the gateway stop reading the client. */
const FRAMES = 12;

test('a session host that does not take the last frames of a client has its link cut', async () => {
  using home = new TestHome();
  const closed = Promise.withResolvers<void>();
  const host = await FakeSessionHost.start(home.runtimeDir, 'zzzzzzzzz-testbuil.sock', {
    onRequest: () => attachedReply({}),
    onClosed: closed.resolve,
  });
  const gateway = await startTestGateway(home, { settings: { hostLingerMs: 100 } });
  try {
    const client = await TestClient.connect({ port: gateway.port, key: home.key });
    await client.link.request('session.open', openRequest(1));
    const { transport } = host.first.link;
    transport.pause();
    for (let sent = 0; sent < FRAMES; sent += 1)
      client.link.transport.send(encodeData(FrameKind.data, 1, sent * FRAME_BYTES, Buffer.alloc(FRAME_BYTES)));
    client.close();
    // Who does not read is told of the end by what it writes.
    let offset = 0;
    const writing = setInterval(() => FakeSessionHost.output(host.first.link, 1, offset++, Buffer.of(0x20)), 10);
    await closed.promise.finally(() => clearInterval(writing));
    expect(host.first.frames.length).toBeLessThan(FRAMES);
  } finally {
    await gateway.stop('The test is over');
    host.close();
  }
});
