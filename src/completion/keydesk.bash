# shellcheck shell=bash
# Completion of keydesk and keydesk-device for bash 3.2 and newer.
# The line is passed on unchanged and is never evaluated. The answer is quoted already and is inserted unchanged.
# The program that answers is the one on PATH, whatever path the line names.
_keydesk() {
  local line kind=''
  COMPREPLY=()
  while IFS= read -r line; do
    if [ -z "$kind" ]; then kind=$line; else COMPREPLY+=("$line"); fi
  done < <(command keydesk complete bash "${COMP_LINE:0:COMP_POINT}" "$COMP_WORDBREAKS" </dev/null 2>/dev/null)
  # bash 3.2 has no compopt: there, the user types file names in full.
  if [ "$kind" = files ]; then compopt -o default 2>/dev/null || true; fi
}
complete -F _keydesk keydesk keydesk-device
