// Bytes from a TLS port to a Unix socket and back, and nothing else: what any gateway on Node costs. Argument: socket.
import { connect, type AddressInfo } from 'node:net';
import { createServer } from 'node:tls';
import { createTlsCertificate, optimizeEarly } from '../../packages/protocol/src/index.ts';

optimizeEarly();
const server = createServer({ ...createTlsCertificate('floor', 1), minVersion: 'TLSv1.3', noDelay: true }, (client) => {
  const host = connect(process.argv[2] ?? '');
  client.on('data', (bytes) => host.write(bytes)).on('close', () => host.destroy());
  host.on('data', (bytes) => client.write(bytes)).on('close', () => client.destroy());
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));
