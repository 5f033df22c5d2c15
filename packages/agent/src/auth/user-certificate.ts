import { validityProblem, type Certificate } from '@holdfast/protocol';
import type { KeyOptions } from './key-options.ts';

const MAX_LISTED = 5;

/**
 * Why a certificate does not stand for any of these names now. One without principals stands for nobody, also where the
 * authority is named in authorized_keys.
 */
export function standingProblem(
  certificate: Certificate,
  { names, now }: { names: readonly string[]; now: number },
): string | undefined {
  if (certificate.role !== 'user') return 'The certificate is one for a host';
  const invalid = validityProblem(certificate, now);
  if (invalid !== undefined) return invalid;
  const principals = new Set(certificate.principals);
  if (names.some((name) => principals.has(name))) return undefined;
  return `The certificate is for ${listed(certificate.principals)}, not for ${listed(names)}`;
}

/** What a certificate's own options say (PROTOCOL.certkeys), or why it must not be let in. */
export function certificateOptions({ criticalOptions, extensions }: Certificate): KeyOptions | { refused: string } {
  let options: KeyOptions = {
    isAuthority: false,
    from: [],
    terminal: extensions.has('permit-pty'),
    touch: !extensions.has('no-touch-required'),
    verified: false,
  };
  for (const [name, value] of criticalOptions) {
    if (name === 'force-command') options = { ...options, command: value };
    else if (name === 'source-address') options = { ...options, from: [{ list: value, kind: 'networks' }] };
    else if (name === 'verify-required' && value === '') options = { ...options, verified: true };
    else
      return {
        refused: `The certificate has the critical option ${JSON.stringify(name.slice(0, 40))}, which is not honoured here`,
      };
  }
  return options;
}

/** Both must permit what is done, as where a line of authorized_keys names the authority of a certificate. */
export function bothOptions(one: KeyOptions, other: KeyOptions): KeyOptions | { refused: string } {
  const command = one.command ?? other.command;
  if (other.command !== undefined && other.command !== command) {
    return { refused: 'The certificate and the line of its authority name different commands' };
  }
  const expiresAt = Math.min(one.expiresAt ?? Infinity, other.expiresAt ?? Infinity);
  return {
    isAuthority: false,
    from: [...one.from, ...other.from],
    terminal: one.terminal && other.terminal,
    ...(command === undefined ? {} : { command }),
    ...(expiresAt === Infinity ? {} : { expiresAt }),
    touch: one.touch || other.touch,
    verified: one.verified || other.verified,
  };
}

/** The first of them, for the log. */
function listed(names: readonly string[]): string {
  const first = names.slice(0, MAX_LISTED).map((name) => JSON.stringify(name.slice(0, 80)));
  return names.length === 0 ? 'nobody' : [...first, ...(names.length > MAX_LISTED ? ['…'] : [])].join(', ');
}
