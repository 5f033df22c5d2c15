import { createHash } from 'node:crypto';
import {
  describeCertificate,
  isCertificate,
  parseCertificate,
  type Caller,
  type Certificate,
  type KeyRestrictions,
  type SignatureDemands,
} from '@holdfast/protocol';
import {
  circumstanceProblem,
  decideBy,
  decideKey,
  parseAuthorizedKeys,
  type Asking,
  type KeyDecision,
} from './authorized-keys.ts';
import { parsePrincipals, principalsFile, type AuthorizedPrincipal } from './authorized-principals.ts';
import type { Identity } from './identity.ts';
import { NO_OPTIONS, type KeyOptions } from './key-options.ts';
import { readAuthorities, readRevoked, type TrustFiles } from './trust-files.ts';
import { bothOptions, certificateOptions, standingProblem } from './user-certificate.ts';

/** What lets a key in, and with which restrictions. */
export type KeyGrant = {
  restrictions?: KeyRestrictions;
  demands: SignatureDemands;
  /** Another one when the options change. */
  terms: string;
  certificate?: string;
};

export type KeyVerdict = { accepted: true; grant: KeyGrant } | { accepted: false; reason: string };

/** Where to look for a key. */
export type KeySources = {
  trustFiles: TrustFiles;
  /** The user's authorized_keys. */
  file: string;
  /** Reads a file of the user's. @throws RemotingError KeyFileUnusable */
  readFile: (file: string) => Promise<string>;
};

/**
 * Whether a key or certificate lets `user` in: by an authority that the agent trusts, or by the user's authorized_keys.
 * @throws RemotingError KeyFileUnusable
 */
export async function judgeKey(
  { identity, publicKey, ...asking }: Asking & { identity: Identity; publicKey: Buffer },
  { trustFiles, file, readFile }: KeySources,
): Promise<KeyVerdict> {
  const { user } = identity;
  // All are read whatever the key is: the time it takes tells nothing.
  const [revoked, authorities, text, principals] = await Promise.allSettled([
    readRevoked(trustFiles),
    readAuthorities(trustFiles),
    readFile(file),
    readPrincipals(trustFiles, identity, readFile),
  ]);
  const certificate = certificateOf(publicKey);
  if (typeof certificate === 'string') return { accepted: false, reason: certificate };
  const revocation = revocationProblem(valueOf(revoked), publicKey, certificate);
  if (revocation !== undefined) return { accepted: false, reason: revocation };
  const asked = { ...asking, user, certificate };
  const byAuthority = certificate && judgeByAuthority(certificate, asked, { authorities, principals });
  if (byAuthority?.accepted === true) return byAuthority;
  if (byAuthority !== undefined && text.status === 'rejected') return byAuthority;
  const byFile = judgeLines(publicKey, asked, { file, text: valueOf(text) });
  return byFile.accepted ? byFile : (byAuthority ?? byFile);
}

/** The roles of who came in with a grant: a key with a command of its own is nobody's owner. */
export function rolesOf({ restrictions }: KeyGrant, isAdministrator: boolean): Caller['roles'] {
  if (restrictions?.command !== undefined) return ['restricted'];
  return [
    'owner',
    ...(restrictions === undefined ? [] : (['restricted'] as const)),
    ...(isAdministrator ? (['administrator'] as const) : []),
  ];
}

type Asked = Asking & { user: string; certificate: Certificate | undefined };

/** @returns undefined for a plain key, a text for a certificate that is none */
function certificateOf(publicKey: Buffer): Certificate | string | undefined {
  if (!isCertificate(publicKey)) return undefined;
  try {
    return parseCertificate(publicKey);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function revocationProblem(
  revoked: readonly Buffer[],
  publicKey: Buffer,
  certificate: Certificate | undefined,
): string | undefined {
  const isRevoked = (key: Buffer | undefined): boolean =>
    key !== undefined && revoked.some((other) => other.equals(key));
  if (isRevoked(publicKey) || isRevoked(certificate?.publicKey)) return 'The key is revoked';
  return isRevoked(certificate?.authority) ? 'The authority of the certificate is revoked' : undefined;
}

/** The principals that may come in as the user by a certificate of a trusted authority. */
async function readPrincipals(
  { authorizedPrincipals }: TrustFiles,
  identity: Identity,
  readFile: KeySources['readFile'],
): Promise<AuthorizedPrincipal[]> {
  if (authorizedPrincipals === undefined) {
    // There is no line: what the certificate permits is all that counts.
    return [{ line: 0, principal: identity.user, options: { ...NO_OPTIONS, touch: false }, optionsText: '' }];
  }
  return parsePrincipals(await readFile(principalsFile(authorizedPrincipals, identity)));
}

type Settled<T> = PromiseSettledResult<readonly T[]>;

/** By an authority that the agent trusts; undefined when it trusts another. */
function judgeByAuthority(
  certificate: Certificate,
  asked: Asked,
  { authorities, principals }: { authorities: Settled<Buffer>; principals: Settled<AuthorizedPrincipal> },
): KeyVerdict | undefined {
  // Only certificates go without it.
  if (authorities.status === 'rejected') return refusal(authorities.reason);
  if (!authorities.value.some((key) => key.equals(certificate.authority))) return undefined;
  if (principals.status === 'rejected') return refusal(principals.reason);
  const names = principals.value.map(({ principal }) => principal);
  const standing = standingProblem(certificate, { names, now: asked.now });
  if (standing !== undefined) return { accepted: false, reason: reasonOf(standing, certificate) };
  const decision = decideBy(principals.value, asked, ({ principal }) =>
    certificate.principals.includes(principal) ? undefined : false,
  );
  if (!decision.accepted) return { accepted: false, reason: reasonOf(decision.reason, certificate) };
  return judgeOptions(certificate, asked, decision);
}

/** What the certificate itself says, and the line that let it in: both must permit. */
function judgeOptions(
  certificate: Certificate,
  asked: Asked,
  by: Extract<KeyDecision, { accepted: true }>,
): KeyVerdict {
  const own = certificateOptions(certificate);
  const options = 'refused' in own ? own : bothOptions(own, by.options);
  const problem = 'refused' in options ? options.refused : circumstanceProblem(options, asked);
  if (problem !== undefined || 'refused' in options) return { accepted: false, reason: reasonOf(problem, certificate) };
  return { accepted: true, grant: grantOf(options, by.optionsText, certificate) };
}

function refusal(reason: unknown): KeyVerdict {
  return { accepted: false, reason: reason instanceof Error ? reason.message : String(reason) };
}

/** By the lines of authorized_keys, those of a certificate's authority among them. */
function judgeLines(publicKey: Buffer, asked: Asked, { file, text }: { file: string; text: string }): KeyVerdict {
  const { user, certificate, now } = asked;
  const keys = parseAuthorizedKeys(text);
  const where = ({ line }: KeyDecision): string => (line === undefined ? file : `${file}:${line}`);
  if (certificate === undefined) {
    const decision = decideKey(keys, publicKey, asked);
    if (decision.accepted) return { accepted: true, grant: grantOf(decision.options, decision.optionsText) };
    return { accepted: false, reason: `${where(decision)}: ${decision.reason}` };
  }
  const decision = decideBy(keys, asked, ({ options, publicKey: key }) =>
    options.isAuthority && key.equals(certificate.authority)
      ? standingProblem(certificate, { names: options.principals ?? [user], now })
      : false,
  );
  if (!decision.accepted)
    return { accepted: false, reason: `${where(decision)}: ${reasonOf(decision.reason, certificate)}` };
  const verdict = judgeOptions(certificate, asked, decision);
  return verdict.accepted ? verdict : { accepted: false, reason: `${where(decision)}: ${verdict.reason}` };
}

function reasonOf(problem: string | undefined, certificate: Certificate): string {
  return `${problem ?? ''} (${describeCertificate(certificate)})`;
}

function grantOf(options: KeyOptions, optionsText: string, certificate?: Certificate): KeyGrant {
  const { terminal, command, touch, verified } = options;
  const isFree = terminal && command === undefined;
  return {
    ...(isFree ? {} : { restrictions: { terminal, ...(command === undefined ? {} : { command }) } }),
    demands: { touch, verified },
    terms: optionsText === '' ? '' : createHash('sha256').update(optionsText).digest('base64'),
    ...(certificate === undefined ? {} : { certificate: describeCertificate(certificate) }),
  };
}

/** @throws what was thrown */
function valueOf<T>(result: PromiseSettledResult<T>): T {
  if (result.status === 'rejected') throw result.reason;
  return result.value;
}
