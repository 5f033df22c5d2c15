import { RemotingError } from '@holdfast/protocol';
import { ErrorRecord } from '../runtime/error-record.ts';

type Target = { readonly computerName: string; readonly configurationName: string | undefined };

/** PowerShell's text, which names the host and no cmdlet. */
export function openFailed({ computerName: host, configurationName }: Target, cause: unknown): ErrorRecord {
  const reason = reasonOf(host, configurationName, cause).replace(/\.?$/u, '.');
  const message = `[${host}] Connecting to remote server ${host} failed with the following error message : ${reason} For more information, see the about_Remote_Troubleshooting Help topic.`;
  const record = new ErrorRecord('PSSessionOpenFailed', 'OpenError', message, { target: host, cause });
  record.cmdlet = '';
  return record;
}

const SERVICE = 'The WS-Management service cannot process the request.';

function reasonOf(host: string, configurationName: string | undefined, cause: unknown): string {
  if (cause instanceof RemotingError && cause.id === 'SessionLimitReached') return `${SERVICE} ${cause.message}`;
  if (cause instanceof RemotingError && cause.id === 'ConfigurationNotFound') {
    return `${SERVICE} Cannot find the ${configurationName} session configuration in the WSMan: drive on the ${host} computer.`;
  }
  return cause instanceof Error ? cause.message : String(cause);
}
