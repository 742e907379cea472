#!/usr/bin/env bash
# A one-time PIN by mail: seen by nobody at the desk, sent by the mail server of this workstation.
#
#   pin-by-mail.sh USER DRAFT.eml [device|desk]
#
# `device` (unless told): the app takes it. `desk`: it proves the caller, who reads it out. Where DRAFT.eml is there
# already, it was not sent yet: it is sent, and no PIN is issued.
set -euo pipefail

if [ $# -lt 2 ] || [ $# -gt 3 ]; then
  echo 'usage: pin-by-mail.sh USER DRAFT.eml [device|desk]' >&2
  exit 2
fi
user=$1
draft=$2
audience=${3-device}

desk() { keydesk --no-input "$@"; }
say() { printf '%s\n' "$*" >&2; }

if [ ! -e "$draft" ]; then
  desk pin check "$user" --for "$audience"
  status=0
  desk pin issue "$user" --for "$audience" --email "$draft" || status=$?
  if [ "$status" -eq 6 ]; then say 'No PIN was issued. What is MISSING above comes with the command that mends it.'; fi
  [ "$status" -eq 0 ] || exit "$status"
fi

status=0
desk mail send "$draft" || status=$?
if [ "$status" -ne 0 ]; then
  say "The PIN is issued and was not sent. Mend what the hint says and run this again, or send $draft by a mail program and delete it."
  exit "$status"
fi
rm -f -- "$draft"
say "Sent, and deleted $draft."
