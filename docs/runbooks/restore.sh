#!/usr/bin/env bash
# Disaster recovery: a backup on a new machine, proved against the checkpoint that was kept elsewhere.
#
#   KEYDESK_PASSPHRASE_FILE=FILE restore.sh BACKUP CHECKPOINT
#
# The workstation's config (see ../backup.md) is in its place first: it holds the operator's keys.
set -euo pipefail

[ $# -eq 2 ] || { echo 'usage: restore.sh BACKUP CHECKPOINT' >&2; exit 2; }
backup=$1
checkpoint=$2
[ -r "$checkpoint" ] || { echo "there is no checkpoint $checkpoint; nothing was restored" >&2; exit 7; }

desk() { keydesk --no-input "$@"; }
say() { printf '%s\n' "$*" >&2; }

status=0
desk store restore "$backup" --yes || status=$?
case $status in
  0) ;;
  7) say 'Is the file there, and the config of an operator of this desk in its place?'; exit 7 ;;
  8) say 'This backup does not verify: take the one before it.'; exit 8 ;;
  *) exit "$status" ;;
esac

desk store verify

status=0
desk audit verify --against "$checkpoint" || status=$?
if [ "$status" -eq 8 ]; then
  say 'The backup is not what the checkpoint was made of, or is older: work with it no further, and find out who had it.'
fi
[ "$status" -eq 0 ] || exit "$status"
desk store info
