import { createLog } from '../log.ts';

// Logs as many lines as it is told to a standard error that nobody reads, says on its channel how many were not taken, and
// logs one more when the channel closes.
const log = createLog();
for (let line = 0; line < Number(process.argv[2]); line += 1) log('client.refused', { line });
process.send?.({ dropped: log.droppedLines });
process.once('disconnect', () => log('after'));
