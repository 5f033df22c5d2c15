import type { Scope } from '../runtime/scope.ts';

/** Variables whose name begins so, with `$`; `$env:` ones of the environment. */
export function variableNames(text: string, scope: Scope): string[] {
  const typed = text.replace(/^\$\{?/u, '');
  const isEnvironment = /^env:/iu.test(typed);
  const names = isEnvironment ? Object.keys(process.env).map((name) => `env:${name}`) : scope.names;
  const wanted = typed.toLowerCase();
  return names
    .filter((name) => /^[\w:]+$/u.test(name) && name.toLowerCase().startsWith(wanted))
    .map((name) => `$${name}`);
}
