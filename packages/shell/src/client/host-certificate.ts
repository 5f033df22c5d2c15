import { matchesPattern, parseCertificate, validityProblem } from '@holdfast/protocol';
import { matchesHost, type KnownHostsLine } from './known-hosts-file.ts';

/** What the @cert-authority lines of known_hosts say of a host's certificate, with the line that says it. */
export type CertificateVerdict<L> =
  | { state: 'known' | 'revoked'; line: L }
  /** There are authorities for this host, and none of them vouches for the key. */
  | { state: 'uncertified'; problem: string };

/**
 * Judges a host's certificate as ssh does: signed by an authority whose line names the host, for this name, in its time.
 * @param names as knownHostName() gives them: whatever a line may call the host
 * @returns undefined when no authority is named for the host: then the certificate says nothing
 */
export function judgeHostCertificate<L extends KnownHostsLine>(
  lines: readonly L[],
  { host, names }: { host: string; names: readonly string[] },
  { publicKey, certificate: blob }: { publicKey: Buffer; certificate: Buffer },
): CertificateVerdict<L> | undefined {
  const here = lines.filter((line) => names.some((name) => matchesHost(line.hosts, name)));
  if (!here.some(({ marker }) => marker === 'cert-authority')) return undefined;
  let certificate;
  try {
    certificate = parseCertificate(blob);
  } catch (error) {
    return { state: 'uncertified', problem: error instanceof Error ? error.message : String(error) };
  }
  const { authority, role, principals } = certificate;
  const ofAuthority = here.filter((line) => line.publicKey.equals(authority));
  const revoked = ofAuthority.find(({ marker }) => marker === 'revoked');
  if (revoked !== undefined) return { state: 'revoked', line: revoked };
  const line = ofAuthority.find(({ marker }) => marker === 'cert-authority');
  const uncertified = (problem: string): CertificateVerdict<L> => ({ state: 'uncertified', problem });
  if (line === undefined) return uncertified('another authority signed it');
  if (role !== 'host') return uncertified('it is one for a user');
  if (!certificate.publicKey.equals(publicKey)) return uncertified('it is of another key');
  const isNamed = principals.some((principal) => matchesPattern(principal.toLowerCase(), host.toLowerCase()));
  if (!isNamed) return uncertified(`it is for ${printed(principals)}, not for ${host}`);
  const invalid = validityProblem(certificate, Date.now());
  return invalid === undefined ? { state: 'known', line } : uncertified(invalid);
}

/** Whatever the authority wrote, without what a terminal would act on. */
function printed(names: readonly string[]): string {
  const text = names.join(', ').replaceAll(/[\p{Cc}\p{Cf}\p{Cs}]/gu, '?');
  return text === '' ? 'no host' : text.slice(0, 200);
}
