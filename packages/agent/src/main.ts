import { RemotingError } from '@holdfast/protocol';

const args = process.argv.slice(2);

try {
  // A session host is started on the way to a prompt: it does not wait for the library of the command line.
  if (args[0] === 'host') {
    const { hostCommandLine } = await import('./host/host-command-line.ts');
    process.exitCode = await hostCommandLine(args.slice(1));
  } else if (args[0] === 'read-keys') {
    const { printKeys } = await import('./auth/read-keys.ts');
    await printKeys(args.slice(1));
  } else if (args[0] === 'gateway' && process.send !== undefined) {
    const { runGateway } = await import('./gateway/run-gateway.ts');
    process.exitCode = await runGateway();
  } else {
    const { commandLine } = await import('./command-line.ts');
    process.exitCode = await commandLine(args);
  }
} catch (error) {
  if (!(error instanceof RemotingError)) throw error;
  process.stderr.write(`holdfast-agent: ${error.message}\n`);
  process.exitCode = 1;
}
