// A terminal's bytes to a TLS port and back, and nothing else: what any client on Node costs. Arguments: port.
import { connect } from 'node:tls';
import { optimizeEarly } from '../../packages/protocol/src/index.ts';

optimizeEarly();
const socket = connect({ host: '127.0.0.1', port: Number(process.argv[2]), rejectUnauthorized: false });
socket.setNoDelay(true);
process.stdin.setRawMode(true);
process.stdin.on('data', (bytes) => socket.write(bytes));
socket.on('data', (bytes) => process.stdout.write(bytes));
socket.on('close', () => process.exit());
