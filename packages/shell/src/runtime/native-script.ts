import { quoteWord, shellWord } from '../client/shell-words.ts';

/** Where a command's streams are, and where it says how it is with it. */
type Streams = {
  /** As the shell redirects. */
  readonly redirections: string;
  readonly reportPath: string;
};

/**
 * What is ours runs without `set -a`, which would put our variables into what others inherit, and without `set -e`, which
 * would end it unheard; both are as they were for the command.
 */
const APART =
  'case $- in *a*)\\builtin set +a;__hf_a=-a;;*)__hf_a=+a;;esac;case $- in *e*)\\builtin set +e;__hf_e=-e;;*)__hf_e=+e;;esac';
const AS_IT_WAS = '\\builtin set $__hf_a $__hf_e';
/** Without job control the group is the session's own, which is nobody's to kill. */
const GROUP = 'if [[ $- == *m* ]];then __hf_g=$BASHPID;else __hf_g=0;fi';

/** A command in the shell itself, which keeps what it changes. It says `o` when its streams are open. */
export function scriptAlone(text: string, { redirections, reportPath }: Streams): string {
  return `{ ${say('o')} >${reportPath};\\builtin eval ${shellWord(text)};} ${redirections}`;
}

/**
 * A command in a fork of the shell, as beside it; and a further fork that runs what is asked of it at `controlPath`, a text
 * and a NUL each, until nobody can ask any more. With `set -e` all goes well to the shell, which its status would end.
 */
export function scriptInFront(text: string, streams: Streams, controlPath: string): string {
  // A shell in the background expands no aliases unless it is told to.
  const aliases = 'if \\builtin shopt -q expand_aliases;then __hf_x=-s;else __hf_x=-u;fi';
  const loop = `\\builtin shopt $__hf_x expand_aliases;while IFS= \\builtin read -r -d '' __hf_q;do \\builtin eval "$__hf_q"& done`;
  const reader = `(${APART};${GROUP};${aliases};{ ${loop};} >/dev/null 2>&1 <${quoteWord(controlPath)} &)`;
  const end = 'if [[ $__hf_e == +e ]];then \\builtin exit $__hf_r;fi';
  return `${reader};(${APART};${GROUP};${scriptBeside(text, streams)};${end})`;
}

/** A command for the fork beside: it says `s PID GROUP`, and `e STATUS` at its end or when it cannot begin. */
export function scriptBeside(text: string, { redirections, reportPath }: Streams): string {
  const begin = `\\builtin exec {__hf_s}>${reportPath};\\builtin unset -v __hf_q`;
  const body = `(\\builtin exec {__hf_s}>&-;${AS_IT_WAS};\\builtin eval ${shellWord(text)})`;
  const run = `{ ${say('s %s %s')} $BASHPID $__hf_g >&$__hf_s;${body};} ${redirections}`;
  return `${begin};${run};__hf_r=$?;${say('e %s')} $__hf_r >&$__hf_s`;
}

/** Exports a variable, or unsets it. */
export function exportScript(name: string, value: string | undefined): string {
  return value === undefined ? `\\builtin unset -v ${name}` : `\\builtin export ${name}=${shellWord(value)}`;
}

/** Also where somebody has disabled the builtin. */
function say(what: string): string {
  return `\\builtin command printf '${what}\\n'`;
}
