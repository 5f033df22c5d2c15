// A program on a PTY behind a Unix socket, and nothing else: what any session host on Node costs. Arguments: socket, shell text.
import { createServer } from 'node:net';
import { Pty } from '../../packages/agent/src/terminal/pty.ts';
import { optimizeEarly } from '../../packages/protocol/src/index.ts';

optimizeEarly();
const server = createServer((socket) => {
  const pty = Pty.spawn({
    file: '/bin/sh',
    args: ['-c', process.argv[3] ?? ''],
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', TERM: 'xterm-256color' },
    cwd: '/',
    columns: 80,
    rows: 24,
    onData: (bytes) => socket.write(bytes),
    onExit: () => socket.destroy(),
  });
  socket.on('data', (bytes) => pty.write(bytes)).on('close', () => pty.kill('SIGKILL'));
});
server.listen(process.argv[2], () => process.stdout.write('ready\n'));
