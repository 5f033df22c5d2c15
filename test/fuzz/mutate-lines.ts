import { mutateBytes, type Material } from './mutate-bytes.ts';
import { mutateJson } from './mutate-json.ts';

/** One line of the text changed, as JSON behind its first character if it is that, or lines left out, added or swapped. */
export function mutateLines(bytes: Buffer, material: Material): Buffer {
  const { random, other } = material;
  const lines = bytes.toString('latin1').split('\n');
  const at = random.below(lines.length);
  const line = lines[at] ?? '';
  switch (random.below(10)) {
    case 0:
      lines.splice(at, 1);
      break;
    case 1:
      lines.splice(random.below(lines.length + 1), 0, line);
      break;
    case 2:
      lines.splice(at, 0, random.pick(other().toString('latin1').split('\n')));
      break;
    case 3:
      lines[at] = `${random.below(9)}${line.slice(1)}`;
      break;
    default:
      lines[at] = changedLine(line, material);
  }
  return Buffer.from(lines.join('\n'), 'latin1');
}

function changedLine(line: string, material: Material): string {
  const { random } = material;
  if (/^\d+$/.test(line)) return String(random.oneIn(2) ? random.below(8) : random.below(2 ** 31));
  const text = Buffer.from(line.slice(1), 'latin1').toString();
  const asJson = random.oneIn(5) ? undefined : mutateJson(text, material);
  if (asJson !== undefined) return line.slice(0, 1) + asJson.toString('latin1');
  return mutateBytes(Buffer.from(line, 'latin1'), material).toString('latin1');
}
