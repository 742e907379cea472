#compdef keydesk keydesk-device
# Completion of keydesk and keydesk-device for zsh.
# The line is passed on unchanged and is never evaluated. zsh itself quotes the text that it inserts.
# The program that answers is the one on PATH, whatever path the line names.
_keydesk() {
  local -a lines values shown
  local line kind
  lines=("${(@f)$(command keydesk complete zsh "${(@)words[1,CURRENT-1]}" "$PREFIX" </dev/null 2>/dev/null)}")
  kind=$lines[1]
  if [[ $kind == files ]]; then
    _files
    return
  fi
  for line in "${(@)lines[2,-1]}"; do
    [[ -n $line ]] || continue
    values+=("${line%%$'\t'*}")
    shown+=("${line%%$'\t'*}  ${line#*$'\t'}")
  done
  compadd -l -d shown -a values
}
if [[ ${funcstack[1]-} == _keydesk ]]; then _keydesk "$@"; else compdef _keydesk keydesk keydesk-device; fi
