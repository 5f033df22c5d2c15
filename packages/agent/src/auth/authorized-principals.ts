import { parseKeyOptions, NO_OPTIONS } from './key-options.ts';
import type { OptionsLine } from './authorized-keys.ts';
import type { Identity } from './identity.ts';

/** A principal that a user's certificates may name, with the options that stand before it. */
export type AuthorizedPrincipal = OptionsLine & { principal: string };

/**
 * The file of an account that `pattern` means: `%u` stands for its name, `%U` for its uid, `%h` for its home folder, `%%`
 * for a percent sign (sshd_config(5), AuthorizedPrincipalsFile).
 */
export function principalsFile(pattern: string, { user, uid, home }: Identity): string {
  const tokens: Readonly<Record<string, string>> = { '%u': user, '%U': String(uid), '%h': home, '%%': '%' };
  return pattern.replaceAll(/%[uUh%]/g, (token) => tokens[token] ?? token);
}

/** Reads such a file: a principal to each line, with options of authorized_keys before it; `#` begins a comment. Never throws. */
export function parsePrincipals(text: string): AuthorizedPrincipal[] {
  return text.split('\n').flatMap((whole, index) => {
    const line = whole.trim();
    if (line === '' || line.startsWith('#')) return [];
    const blank = Math.max(line.lastIndexOf(' '), line.lastIndexOf('\t'));
    const principal = line.slice(blank + 1);
    const optionsText = line.slice(0, Math.max(blank, 0)).trim();
    const options = parseKeyOptions(optionsText);
    const about = { line: index + 1, principal, optionsText };
    return 'refused' in options ? { ...about, options: NO_OPTIONS, ...options } : { ...about, options };
  });
}
