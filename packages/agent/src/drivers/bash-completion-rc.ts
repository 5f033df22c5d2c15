/**
 * The completion function of the rc script: `__hf_c HEAD TAIL` completes a line at the end of HEAD and leaves the
 * candidates, NUL-separated, in the file `answer`. It does what readline does for programmable completion (bash(1)):
 * words are split at COMP_WORDBREAKS, the command's own completion is asked or loaded, else files are completed.
 * Each candidate stands for the whole word since the last blank. Forks freely: it is not on a command's way.
 */
export const COMPLETION_FUNCTION = String.raw`
__hf_c() {
  __hf_c1 "$@" </dev/null >/dev/null 2>&1
  builtin return 0
}
__hf_c1() {
  local -
  builtin set +aefkuC
  local IFS=$' \t\n' COMP_LINE= COMP_POINT COMP_TYPE=9 COMP_KEY=9 COMP_CWORD __hf_word __hf_cur __hf_plain __hf_files=
  local -a COMP_WORDS=() COMPREPLY=()
  __hf_c2 "$1"
  COMP_POINT=\${#COMP_LINE} COMP_LINE+=$2
  if ((COMP_CWORD == 0)) && [[ $__hf_plain != */* ]]; then builtin mapfile -t COMPREPLY < <(builtin compgen -c -- "$__hf_plain" | sort -u | head -n 5000)
  elif [[ $__hf_cur == \$* && $__hf_cur != */* ]]; then __hf_c4 "$__hf_cur"
  elif ((COMP_CWORD == 0)) || [[ \${COMP_WORDS[COMP_CWORD-1]} == [\<\>]* ]]; then __hf_files=1
  else
    __hf_c3 "\${COMP_WORDS[0]}"
    if ((\${#COMPREPLY[@]} == 0)); then __hf_files=1; fi
  fi
  if [[ $__hf_files == 1 ]]; then builtin mapfile -t COMPREPLY < <(builtin compgen -f -- "$__hf_plain"); fi
  __hf_c5 >|@FOLDER@/answer
}
# Splits: COMP_LINE, COMP_WORDS, COMP_CWORD; the word since the last blank, its last part, and that without quotes.
__hf_c2() {
  local __hf_i __hf_q= __hf_b= __hf_k __hf_open= __hf_breaks=\${COMP_WORDBREAKS-$' \t\n"\'><=;|&(:'}
  __hf_word= __hf_cur= __hf_plain=
  for ((__hf_i = 0; __hf_i < \${#1}; __hf_i++)); do
    __hf_k=\${1:__hf_i:1}
    COMP_LINE+=$__hf_k
    if [[ $__hf_q ]]; then
      __hf_cur+=$__hf_k __hf_word+=$__hf_k
      if [[ $__hf_k == "$__hf_q" ]]; then __hf_q=; else __hf_plain+=$__hf_k; fi
    elif [[ $__hf_k == \\ ]]; then
      __hf_i=$((__hf_i + 1)) __hf_k=\${1:__hf_i:1} __hf_open=1 __hf_b=
      COMP_LINE+=$__hf_k __hf_cur+=\\$__hf_k __hf_word+=\\$__hf_k __hf_plain+=$__hf_k
    elif [[ $__hf_k == [\'\"] ]]; then
      __hf_q=$__hf_k __hf_open=1 __hf_b=
      __hf_cur+=$__hf_k __hf_word+=$__hf_k
    elif [[ $__hf_k == [\;\|\&\(\{$'\n'] && $__hf_cur != *\$ ]]; then
      COMP_WORDS=() COMP_LINE= __hf_open= __hf_b= __hf_cur= __hf_word= __hf_plain=
    elif [[ $__hf_k == [$' \t'] ]]; then
      if [[ $__hf_open ]]; then COMP_WORDS+=("$__hf_cur"); elif [[ $__hf_b ]]; then COMP_WORDS+=("$__hf_b"); fi
      if ((\${#COMP_WORDS[@]} == 0)); then COMP_LINE=; fi
      __hf_open= __hf_b= __hf_cur= __hf_word= __hf_plain=
    elif [[ $__hf_breaks == *"$__hf_k"* ]]; then
      if [[ $__hf_open ]]; then COMP_WORDS+=("$__hf_cur"); fi
      __hf_open= __hf_b+=$__hf_k __hf_cur= __hf_plain= __hf_word+=$__hf_k
    else
      if [[ $__hf_b ]]; then COMP_WORDS+=("$__hf_b") __hf_b=; fi
      __hf_open=1 __hf_cur+=$__hf_k __hf_word+=$__hf_k __hf_plain+=$__hf_k
    fi
  done
  if [[ $__hf_b ]]; then COMP_WORDS+=("$__hf_b"); else COMP_WORDS+=("$__hf_cur"); fi
  COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
  __hf_word=\${__hf_word%"$__hf_cur"}
}
# The completion of the command $1. compopt tells nothing outside of readline, so that of a completion is heard here.
__hf_c3() {
  local __hf_spec __hf_try __hf_st __hf_name=$1
  for __hf_try in 1 2; do
    __hf_spec=$(builtin complete -p -- "$__hf_name") || __hf_spec=$(builtin complete -p -- "\${__hf_name##*/}") || __hf_spec=$(builtin complete -p -D) || builtin return
    if [[ " $__hf_spec " == *\ -o\ filenames\ * || " $__hf_spec " == *\ -o\ default\ * && $__hf_try == 2 ]]; then __hf_files=2; fi
    if [[ $__hf_spec == *" -F "* ]]; then
      __hf_spec=\${__hf_spec#* -F } __hf_spec=\${__hf_spec%% *}
      compopt() { if [[ " $* " == *" -o filenames "* ]]; then __hf_files=2; fi; }
      "$__hf_spec" "$__hf_name" "$__hf_cur" "\${COMP_WORDS[COMP_CWORD-1]}"
      __hf_st=$?
      builtin unset -f compopt
      if ((__hf_st != 124)); then builtin return; fi
    else
      __hf_spec=\${__hf_spec#complete }
      builtin eval "builtin mapfile -t COMPREPLY < <(builtin compgen \${__hf_spec% *} -- \"\$__hf_plain\")"
      if [[ $__hf_spec == *\ -[dfAG]\ * || $__hf_spec == -[df]\ * ]]; then __hf_files=2; fi
      builtin return
    fi
  done
}
# Variables.
__hf_c4() {
  if [[ $1 == \$\{* ]]; then builtin mapfile -t COMPREPLY < <(builtin compgen -v -P '$'{ -S } -- "\${1:2}")
  else builtin mapfile -t COMPREPLY < <(builtin compgen -v -P '$' -- "\${1:1}")
  fi
}
# Prints the candidates: files as the shell would have them quoted, directories with a slash.
__hf_c5() {
  local __hf_k __hf_d __hf_t
  for __hf_k in "\${COMPREPLY[@]}"; do
    if [[ $__hf_files ]]; then
      __hf_d=$__hf_k __hf_t=
      if [[ $__hf_k == "~"* ]]; then __hf_t=\${__hf_k%%/*}; fi
      if [[ $__hf_t == "~" ]]; then __hf_d=$HOME\${__hf_k:1}; fi
      builtin printf -v __hf_k '%s%q' "$__hf_t" "\${__hf_k#"$__hf_t"}"
      if [[ $__hf_k == *"''" ]]; then __hf_k=\${__hf_k%"''"}; fi
      if [[ -d $__hf_d && $__hf_k != */ ]]; then __hf_k+=/; fi
    fi
    builtin printf '%s%s\0' "$__hf_word" "$__hf_k"
  done
}
`;
