import { readFileSync } from 'node:fs';
import { Screen, type Snapshot } from '../terminal/screen.ts';

/** An asciicast v2 file as it stands on the disk. */
export type RecordedFile = {
  header: Record<string, unknown>;
  events: [seconds: number, code: string, data: string][];
  /** What stands behind the last whole line. */
  torn: string;
  /** All output. */
  text: string;
};

/** Reads a recording; throws when one of its whole lines is no JSON. */
export function readRecording(path: string): RecordedFile {
  const lines = readFileSync(path, 'utf8').split('\n');
  const torn = lines.pop() ?? '';
  const [header, ...events] = lines.map((line): unknown => JSON.parse(line));
  // Checked by what is expected of them.
  const recorded = { header, events } as Pick<RecordedFile, 'header' | 'events'>;
  const text = recorded.events.flatMap(([, code, data]) => (code === 'o' ? [data] : [])).join('');
  return { ...recorded, torn, text };
}

/** The screen at the end of a recording, as a terminal emulator makes it of it. */
export async function replay({ header, events }: RecordedFile): Promise<Snapshot> {
  const screen = new Screen(Number(header['width']), Number(header['height']));
  let end = 0;
  for (const [, code, data] of events) {
    if (code === 'r') {
      const [columns = 0, rows = 0] = data.split('x').map(Number);
      screen.resize(columns, rows);
    } else if (code === 'o') {
      const bytes = Buffer.from(data);
      end += bytes.length;
      screen.write(bytes, end);
    }
  }
  const snapshot = await screen.snapshot();
  screen.dispose();
  return snapshot;
}
