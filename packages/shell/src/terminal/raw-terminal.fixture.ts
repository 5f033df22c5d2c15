import { RawTerminal } from './raw-terminal.ts';

/** A program on a terminal of its own: prints what it reads as JSON lines; some input makes it do something. */
const terminal = new RawTerminal();
const say = (line: unknown): void => terminal.write(`${JSON.stringify(line)}\r\n`);
let ticks = 0;

const actions: Record<string, () => void> = {
  hold: () => {
    terminal.read(undefined);
    setTimeout(() => terminal.read((bytes) => say({ second: bytes.toString('latin1') })), 50);
  },
  split: () => {
    terminal.read((bytes) => say({ next: bytes.toString('latin1') }));
    terminal.unread(Buffer.from('back'));
  },
  flood: () => {
    terminal.write(Buffer.alloc(1024 * 1024, 'x'), () => say({ flooded: true, ticks }));
    setInterval(() => ticks++, 10);
  },
  quit: () => {
    terminal.stop();
    process.stdout.write('stopped\r\n', () => process.exit(0));
  },
};

terminal.start();
terminal.onResize((columns, rows) => say({ columns, rows }));
void terminal.gone.then(() => process.exit(7));
terminal.read((bytes) => {
  say({ first: bytes.toString('latin1') });
  actions[bytes.toString('latin1')]?.();
});
say('ready');
