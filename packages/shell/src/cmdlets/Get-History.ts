import { defineCmdlet } from '../runtime/cmdlet.ts';
import { CustomObject } from '../runtime/custom-object.ts';
import { ErrorRecord } from '../runtime/error-record.ts';
import { arrayOf, int32 } from '../runtime/parameter-type.ts';

/** Lists the lines that were entered. */
export default defineCmdlet({
  name: 'Get-History',
  synopsis: 'Lists the lines that were entered at the prompt.',
  description: 'The lines are those of Up and Ctrl-R, each once, oldest first.',
  acts: 'agent',
  parameters: {
    Id: { type: arrayOf(int32), position: 0, pipeline: 'value', help: 'Numbers of lines; all when none is given.' },
    Count: { type: int32, position: 1, help: 'So many of the last ones.' },
  },
  output: ['Id', 'CommandLine'],
  examples: [
    { code: 'Get-History -Count 20', remarks: 'The last twenty lines.' },
    { code: 'Get-History | Where-Object CommandLine -like *PSSession*', remarks: 'Lines about sessions.' },
  ],
  async *process({ Id, Count }, { host, writeError }) {
    const lines = (host.history ?? []).map(
      (line, index) =>
        new CustomObject([
          ['Id', index + 1],
          ['CommandLine', line],
        ]),
    );
    if (Id === undefined) {
      yield* lines.slice(Count === undefined ? 0 : Math.max(0, lines.length - Math.max(0, Count)));
      return;
    }
    for (const id of Id) {
      const line = lines[id - 1];
      if (line !== undefined) {
        yield line;
        continue;
      }
      const message = `Cannot locate the history for Id ${id}.`;
      await writeError(new ErrorRecord('GetHistoryNoHistoryForId', 'ObjectNotFound', message, { target: String(id) }));
    }
  },
});
