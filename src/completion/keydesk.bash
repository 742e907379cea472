# shellcheck shell=bash
# Completion of keydesk and keydesk-device for bash 3.2 and newer. What is on the line is handed over as it stands, and is never
# evaluated; what comes back is quoted, and is put in as it is. The program is the one on PATH, whatever the line names.
_keydesk() {
  local line kind=''
  COMPREPLY=()
  while IFS= read -r line; do
    if [ -z "$kind" ]; then kind=$line; else COMPREPLY+=("$line"); fi
  done < <(command keydesk complete bash "${COMP_LINE:0:COMP_POINT}" "$COMP_WORDBREAKS" </dev/null 2>/dev/null)
  # bash 3.2 has no compopt: files are typed there.
  if [ "$kind" = files ]; then compopt -o default 2>/dev/null || true; fi
}
complete -F _keydesk keydesk keydesk-device
