#!/usr/bin/env bash
# A batch of confirmations, one reset code a line, one answer a line, in the same order.
#
#   confirm-many.sh METHOD TICKET ANSWERS.ndjson <CODES
#
# METHOD is how all these callers were verified: callback, manager, in-person, totp, pin.
set -euo pipefail
umask 077

[ $# -eq 3 ] || { echo 'usage: confirm-many.sh METHOD TICKET ANSWERS.ndjson <CODES' >&2; exit 2; }
answers=$3
[ ! -e "$answers" ] || { echo "$answers is there already; nothing was confirmed" >&2; exit 6; }

desk() { keydesk --no-input "$@"; }
say() { printf '%s\n' "$*" >&2; }

status=0
desk reset confirm --batch - --verified-by "$1" --ticket "$2" >"$answers" || status=$?
all=$(wc -l <"$answers")
failed=$(grep -c '"error":{' "$answers" || true)
say "$((all - failed)) of $((all)) were confirmed; the codes are in $answers: deliver them, and delete it."
case $status in
  0 | 2 | 5) ;;
  9) say 'The store was busy: run it again with a new file. Who was confirmed is shown the same code.' ;;
  *) say 'Look at the lines that have an "error"; the others are confirmed.' ;;
esac
exit "$status"
