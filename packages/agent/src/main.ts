import { RemotingError } from '@holdfast/protocol';

const args = process.argv.slice(2);

try {
  // A session host is started on the way to a prompt: it does not wait for the library of the command line.
  if (args[0] === 'host') {
    const { hostCommandLine } = await import('./host/host-command-line.ts');
    process.exitCode = await hostCommandLine(args.slice(1));
  } else {
    const { commandLine } = await import('./command-line.ts');
    process.exitCode = await commandLine(args);
  }
} catch (error) {
  if (!(error instanceof RemotingError)) throw error;
  process.stderr.write(`holdfast-agent: ${error.message}\n`);
  process.exitCode = 1;
}
