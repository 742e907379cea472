#!/usr/bin/env bash
# A reset during a call: hear the code, say the desk words, make sure of the caller, read the answer out, note how it ended.
#
#   reset-call.sh TICKET
#
# It asks on standard input, a line each: the code (again where it was misheard), how the caller was verified (an empty
# line stops), and how it ended. What to read out is on standard output.
set -euo pipefail

[ $# -eq 1 ] || { echo 'usage: reset-call.sh TICKET' >&2; exit 2; }
ticket=$1

desk() { keydesk --no-input --quiet "$@"; }
say() { printf '%s\n' "$*" >&2; }
ask() {
  say "$1"
  read -r answer || { say 'the input ended'; exit 130; }
}

hear() {
  while true; do
    ask 'The reset code, as the caller reads it out:'
    code=$answer
    status=0
    shown=$(desk reset check "$code") || status=$?
    case $status in
      0) break ;;
      3) say 'Misheard, or a code of another kind: ask for it again.' ;;
      *) say 'Nothing was confirmed.'; exit "$status" ;;
    esac
  done
  printf '%s\n' "$shown"
  tag=$(sed -n 's/^Device .*(\(.....\))$/\1/p' <<<"$shown")
}

hear
while true; do
  ask 'Say the two words. Then: how did you make sure of the caller? totp, pin, callback, manager, in-person; empty stops'
  if [ -z "$answer" ]; then
    desk reset outcome "$tag" --aborted --ticket "$ticket"
    exit 6
  fi
  status=0
  desk reset confirm "$code" --verified-by "$answer" --ticket "$ticket" --spell || status=$?
  case $status in
    0) break ;;
    # One symbol was misheard, and it is known which: the hint says what to read back.
    3) hear ;;
    2 | 6) say 'Not confirmed. Do what the hint says, or name another way:' ;;
    *) say 'Nothing was confirmed.'; exit "$status" ;;
  esac
done

while true; do
  ask 'How did it end? opened, aborted, will-call-back'
  status=0
  desk reset outcome "$tag" "--$answer" --ticket "$ticket" || status=$?
  [ "$status" -eq 2 ] || exit "$status"
done
