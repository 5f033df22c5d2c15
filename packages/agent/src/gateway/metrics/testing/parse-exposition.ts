const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const SAMPLE = /^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(?<labels>.*)\})? (?<value>\S+)$/;
const LABEL = /^(?<name>[a-zA-Z_][a-zA-Z0-9_]*)="(?<value>(?:[^"\\\n]|\\["\\n])*)"(?:,|$)/;
const NUMBER = /^(?:NaN|[+-]Inf|[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/;

/** A family's type, help and numbers, by their labels as they are written. */
export type ParsedFamily = { type: string; help: string; samples: Map<string, number> };

type Entry = [name: string, family: ParsedFamily];

/**
 * Reads Prometheus' text format as strictly as its documentation describes it ("Exposition formats", version 0.0.4).
 * @throws SyntaxError with the line that is not as described
 */
export function parseExposition(text: string): Map<string, ParsedFamily> {
  if (!text.endsWith('\n')) throw new SyntaxError('The last line does not end with a line feed');
  const families = new Map<string, ParsedFamily>();
  let current: Entry | undefined;
  for (const line of text.slice(0, -1).split('\n')) {
    const [, word, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (word === 'HELP') {
      // All lines of a family are one group, and there is one group of a name.
      if (families.has(name) || !NAME.test(name)) throw wrong(line);
      current = [name, { type: '', help: rest, samples: new Map() }];
      families.set(...current);
    } else if (current === undefined) throw wrong(line);
    else if (word === 'TYPE') setType(line, current, { name, type: rest });
    else addSample(line, current);
  }
  return families;
}

function setType(line: string, [of, family]: Entry, { name, type }: { name: string; type: string }): void {
  if (of !== name || family.type !== '' || family.samples.size > 0) throw wrong(line);
  if (type !== (name.endsWith('_total') ? 'counter' : 'gauge')) throw wrong(line);
  family.type = type;
}

function addSample(line: string, [name, family]: Entry): void {
  const found = SAMPLE.exec(line)?.groups;
  if (found === undefined || found['name'] !== name || family.type === '') throw wrong(line);
  const { labels = '', value = '' } = found;
  if (!NUMBER.test(value) || family.samples.has(labels)) throw wrong(line);
  for (let rest = labels; rest !== '';) {
    const label = LABEL.exec(rest);
    if (label === null) throw wrong(line);
    rest = rest.slice(label[0].length);
  }
  family.samples.set(labels, Number(value.replace('Inf', 'Infinity')));
}

function wrong(line: string): SyntaxError {
  return new SyntaxError(`That is not the text format: ${line}`);
}
