import { COMPLETION_FUNCTION } from './bash-completion-rc.ts';

/** Names and secrets that the driver and its rc script share. */
export type RcOptions = {
  /** Secret that tells our marks from a program's. */
  nonce: string;
  /** Begins every answer to the shell's drain of typed-ahead keys; ends in no digit. */
  answer: string;
  /** Our folder, 0700. */
  folder: string;
  /** The user's own rc files are not read, only the machine's. */
  noProfile?: boolean | undefined;
};

/** Behind what sets `$?`: a failure of ours is none to the user's ERR trap and to set -e. This `for` runs nothing. */
export const QUIETLY = '&&for _ in;{ :;}';
/** The line that is typed to run what lies in the text file; its blank keeps it out of a history with ignorespace. */
export const RUN_TRIGGER = ` __hf_r;\\builtin eval "$__hf_x";{ __hf_e -${QUIETLY};} >/dev/null 2>&1`;
/** The line that is typed to keep a TMOUT from running out. */
export const IDLE_TRIGGER = ' __hf_s 0';
/** Follows a command's text in the same eval, so that `$_` is still the command's. */
export const END_LINE = '{ __hf_e;} >/dev/null 2>&1';
/** The same where the text was evaluated with its streams elsewhere, and `$_` is that text. */
export const APART_END_LINE = `{ __hf_e -${QUIETLY};} >/dev/null 2>&1`;
/** Ends an answer to the drain: a character that a terminal echoes as it is. */
export const ANSWER_END = '!';
/** In an answer, in place of the drain's number: give up the prompt's hooks. */
export const GIVE_UP = 'off';

/**
 * The script that bash reads instead of ~/.bashrc. It wants bash 4.4 or later; an older one prints mark U after
 * reading the user's files and stays as it is. Fields of a mark are separated by 0x1f and strings quoted as by %q.
 * Nothing forks on the way from the trigger to mark E, the end of a command: __hf_r, eval, __hf_e.
 *
 *     __hf_r  takes the text over, mark S                   __hf_e  mark E, the command's end: status $- jobs cwd $_
 *     __hf_s  sets $? and $_                                __hf_i  puts our hooks around the user's PROMPT_COMMAND
 *     __hf_m  mends the terminal's modes                    __hf_b  marks D, drain: number, and R, ready: jobs cwd TMOUT keys
 *     __hf_o  leaves the shell without us                   __hf_c  completion
 *     __hf_t  writes down the DEBUG trap                    __hf_v  makes a DEBUG trap overlook us
 *     __hf_w  enables what a user has disabled              __hf_y  disables it again
 *     __hf_p  makes `exit` end a text, not the shell         __hf_q  is that exit, mark X
 *
 * All state is in one array, which set -a cannot export: 0 the user's PS1, 1 whether mark E was printed, 2 the page
 * faults of children, which tell whether one has run, 3 the number of the last drain, 4 the terminal's modes, 5 stty,
 * 6 whether an exit that was refused is typed again, 7 the command's status, 8 9 10 $? $- $_ at its end, 11 a command
 * that disables builtins, 12 the status of a text that `exit` ends, - before that, 13 whether that `exit` is ours. What is ours runs with its output redirected, for it may be a DEBUG trap's. set -k would make
 * `local x=1` a list of variables: it is off, as set -x and set -v are, but for the user's text.
 * bash would tell of its jobs behind mark R only, but for two occasions: a child that it waited for, and a DEBUG trap.
 * So __hf_e sets such a trap for one command, which is local to a function unless functrace is set.
 * This bash is no login shell, for that would read no rc file of ours; `logout` is a function that exits.
 * No other way leads out of functions, loops and evals back to the prompt than SIGINT, whose trap is put back there.
 * Functions are read with aliases off: /etc/bash.bashrc of some systems has been read before us. The user's files are
 * read with the line editor on, as in any interactive bash: `bind` would complain without it.
 */
export function bashRc({ nonce, answer, folder, noProfile = false }: RcOptions): string {
  return RC.replace('@COMPLETION@', () => COMPLETION_FUNCTION)
    .replace('@PROFILE@', () => (noProfile ? '' : PROFILE))
    .replace('@BASHRC@', () => (noProfile ? '' : BASHRC))
    .replaceAll('\\${', '${')
    .replaceAll('@NONCE@', nonce)
    .replaceAll('@ANSWER@', answer)
    .replaceAll('@FOLDER@', () => quote(folder));
}

/** Quotes for the shell. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

const PROFILE = `if [[ -r ~/.bash_profile ]]; then . ~/.bash_profile
elif [[ -r ~/.bash_login ]]; then . ~/.bash_login
elif [[ -r ~/.profile ]]; then . ~/.profile
fi`;
const BASHRC = String.raw`if [[ ! \${__hf[1]} && -r ~/.bashrc ]]; then . ~/.bashrc; fi`;

const RC = String.raw`
\builtin shopt -u expand_aliases
\builtin set -o emacs
__hf=('' '' '' 0 '' '' '' 0 '' '' '' '' '' '')
__hf_r() {
  local -
  builtin set +aeu
  builtin mapfile -d '' -n 1 -t __hf_x <@FOLDER@/text || { __hf_w && builtin mapfile -d '' -n 1 -t __hf_x <@FOLDER@/text; }
  builtin printf '\e]7337;@NONCE@;S\a' >/dev/tty
  if [[ \${__hf[11]} ]]; then __hf_y; fi
  __hf[1]= __hf[6]=
  PS1=\${__hf[0]}
}
logout() {
  local __hf_st=$?
  if [[ \${__hf[6]-} ]]; then builtin jobs >/dev/null; fi
  builtin exit "\${@-$__hf_st}"
}
__hf_p() {
  __hf[12]=-
  if [[ -o posix ]] || builtin declare -F exit >/dev/null; then builtin return 0; fi
  __hf[13]=1
  builtin eval 'function exit { __hf_q "$?" "$@"; }'
  builtin declare +x -f exit
}
__hf_q() {
  local __hf_k=\${2-$1} __hf_n=
  if [[ $BASHPID != $$ ]]; then
    if (($# > 1)); then builtin exit "\${@:2}"; else builtin exit "$1"; fi
  fi
  if [[ $__hf_k == ?([-+])+([0-9]) ]]; then
    if [[ $__hf_k == -* ]]; then __hf_n=-; fi
    __hf[12]=$((\${__hf_n}10#\${__hf_k#[-+]} & 255))
  else
    builtin printf 'bash: exit: %s: numeric argument required\n' "$__hf_k" >&2
    __hf[12]=2
  fi
  builtin trap -p INT >|@FOLDER@/int
  builtin trap - INT
  until builtin printf '\e]7337;@NONCE@;X\a' >/dev/tty || [[ \${__hf[11]} ]]; do __hf_w; done 2>/dev/null
  builtin kill -INT $$
  builtin exit "\${__hf[12]}"
}
__hf_s() {
  builtin unset -v __hf_x
  builtin return "$1"
}
__hf_e() {
  __hf[8]=$? __hf[9]=$- __hf[10]=$_
  builtin set +kvx
  local __hf_j='\j'
  if [[ ! \${__hf[1]} ]]; then
    __hf[1]=1 __hf[7]=\${__hf[8]}
    if [[ \${__hf[12]} == [0-9]* ]]; then __hf[7]=\${__hf[12]}; fi
    if [[ \${__hf[13]} ]]; then builtin unset -f exit; fi
    __hf[12]= __hf[13]=
    if [[ \${1-} ]] || ((\${#__hf[10]} > 4096)); then __hf[10]=; fi
    until builtin printf '\e]7337;@NONCE@;E\x1f%s\x1f%s\x1f%s\x1f%q\x1f%q\a' "\${__hf[7]}" "\${__hf[9]}" "\${__hf_j@P}" "\${PWD-}" "\${__hf[10]}" >/dev/tty || [[ \${__hf[11]} ]]; do __hf_w; done
  fi
  if [[ -o emacs || -o vi ]]; then builtin set +o emacs +o vi; fi
  # A command's end is followed by its line's, which does the rest.
  if [[ ! \${1-} ]]; then builtin return 0; fi
  __hf_i
  if [[ $1 == - && \${__hf[9]} != *T* ]]; then { builtin trap : DEBUG; builtin trap - DEBUG; } 2>/dev/tty; fi
  builtin return "\${__hf[7]}"
}
__hf_i() {
  local -
  builtin set +ku
  local __hf_a='{ __hf_e =${QUIETLY};} >/dev/null 2>&1' __hf_z='{ __hf_t;__hf_b;} >/dev/null 2>&1' __hf_n=$'\n' __hf_k
  local -a __hf_l=()
  if ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 501)); then
    if ((\${#PROMPT_COMMAND[@]} > 1)) && [[ \${PROMPT_COMMAND[0]-} == "$__hf_a" && \${PROMPT_COMMAND[-1]} == "$__hf_z" ]]; then builtin return 0; fi
  elif [[ \${PROMPT_COMMAND-} == "$__hf_a$__hf_n"*"$__hf_n$__hf_z" ]]; then builtin return 0
  fi
  # What replaced our first element was meant for the user's first.
  if ((\${#PROMPT_COMMAND[@]} > 2)) && [[ \${PROMPT_COMMAND[-1]} == "$__hf_z" && \${PROMPT_COMMAND[0]-} != *"$__hf_a"* ]]; then builtin unset -v 'PROMPT_COMMAND[1]'; fi
  for __hf_k in "\${PROMPT_COMMAND[@]}"; do
    __hf_k=\${__hf_k//"$__hf_a"/:}
    __hf_k=\${__hf_k//"$__hf_z"/:}
    if [[ $__hf_k && $__hf_k != : ]]; then __hf_l+=("$__hf_k"); fi
  done
  builtin unset -v PROMPT_COMMAND
  if ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 501)); then PROMPT_COMMAND=("$__hf_a" "\${__hf_l[@]}" "$__hf_z")
  else PROMPT_COMMAND=$__hf_a$__hf_n\${__hf_l[0]-:}$__hf_n$__hf_z
  fi
}
__hf_m() {
  local IFS=: __hf_k
  local -a __hf_l
  __hf_k=$("\${__hf[5]}" -g) || builtin return 0
  if [[ $__hf_k == "\${__hf[4]}" ]]; then builtin return 0; fi
  __hf_l=($__hf_k)
  if [[ $OSTYPE == linux* ]] && (((16#\${__hf_l[3]} & 0xb) == 0xb && (16#\${__hf_l[1]} & 1) && (16#\${__hf_l[0]} & 0x100))); then
    __hf[4]=$__hf_k
  else
    "\${__hf[5]}" "\${__hf[4]}"
  fi
}
__hf_t() { builtin trap -p DEBUG >|@FOLDER@/debug; }
__hf_v() {
  local __hf_n=$'\n' __hf_k='case $BASH_COMMAND\${FUNCNAME-} in *__hf_*) ;;*)'
  local -a __hf_l
  builtin mapfile -d '' -t __hf_l <@FOLDER@/debug
  builtin eval "__hf_l=(\${__hf_l[0]})"
  # In posix mode none is told as one of a single dash.
  if [[ \${__hf_l[2]} && \${__hf_l[2]} != - && \${__hf_l[2]} != "$__hf_k"* ]]; then builtin trap -- "$__hf_k$__hf_n\${__hf_l[2]}$__hf_n;;esac" DEBUG; fi
}
__hf_w() {
  __hf[11]=$(builtin enable -n)
  __hf[11]="\\builtin \${__hf[11]//$'\n'enable -n/}"
  builtin enable jobs mapfile printf read
}
__hf_y() {
  builtin eval "\${__hf[11]}"
  __hf[11]=
}
__hf_b() {
  local -
  builtin set +aefku
  if [[ -s @FOLDER@/debug ]]; then __hf_v; fi
  if [[ -s @FOLDER@/int ]]; then
    . @FOLDER@/int
    : >|@FOLDER@/int
  fi
  local IFS=' ' __hf_j='\j' __hf_t= __hf_u
  local -a __hf_l=()
  if [[ \${PS1-} ]]; then __hf[0]=$PS1 PS1=; fi
  {
    if [[ -r /proc/self/stat ]]; then builtin read -r -a __hf_l </proc/self/stat || __hf_w; fi
    if [[ \${__hf_l[10]--} != "\${__hf[2]}" ]]; then
      set -f
      __hf_m
      set +f
      if [[ -r /proc/self/stat ]]; then builtin read -r -a __hf_l </proc/self/stat; fi
      __hf[2]=\${__hf_l[10]-}
    fi
    while :; do
      __hf[3]=$((__hf[3] + 1))
      builtin printf '\e]7337;@NONCE@;D\x1f%s\a' "\${__hf[3]}"
      while IFS= builtin read -rs -t 1 -d '${ANSWER_END}' __hf_u; do
        __hf_t+=$__hf_u
        if [[ $__hf_t == *"@ANSWER@\${__hf[3]}" || $__hf_t == *@ANSWER@${GIVE_UP} ]]; then builtin break 2; fi
        __hf_t+='${ANSWER_END}'
      done
      __hf_t+=$__hf_u
    done
    builtin printf '\e]7337;@NONCE@;R\x1f%s\x1f%q\x1f%q\x1f%q\a' "\${__hf_j@P}" "\${PWD-}" "\${TMOUT-}" "$__hf_t"
  } </dev/tty >/dev/tty 2>/dev/null
  __hf[1]=
  if [[ $__hf_t == *@ANSWER@${GIVE_UP} ]]; then __hf_o; fi
}
__hf_o() {
  PROMPT_COMMAND=("\${PROMPT_COMMAND[@]:1}")
  builtin unset -v 'PROMPT_COMMAND[-1]'
  PS1=\${__hf[0]}
  builtin unset -v __hf __hf_x
  builtin unset -f __hf_r __hf_p __hf_q __hf_s __hf_e __hf_i __hf_m __hf_b __hf_t __hf_v __hf_w __hf_y __hf_c __hf_c1 __hf_c2 __hf_c3 __hf_c4 __hf_c5 __hf_o
}
@COMPLETION@
builtin declare -ft __hf_t
if [[ -x /bin/stty ]]; then __hf[5]=/bin/stty; else __hf[5]=stty; fi
__hf[4]=$("\${__hf[5]}" -g </dev/tty 2>/dev/null)
builtin trap 'if [[ $BASH_COMMAND == *"/.bashrc"* ]]; then __hf[1]=1; fi' RETURN
builtin shopt -s expand_aliases
if [[ -r /etc/profile ]]; then . /etc/profile; fi
@PROFILE@
\builtin trap - RETURN
@BASHRC@
{
  __hf[1]=
  if ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] < 404)) || [[ \${PROMPT_COMMAND+x} && \${PROMPT_COMMAND@a} == *r* || \${PS1+x} && \${PS1@a} == *r* ]]; then
    \builtin printf '\e]7337;@NONCE@;U\a' >/dev/tty
  else
    \builtin set +o history +o emacs +o vi
    __hf_i
  fi
} >/dev/null 2>&1
`;
