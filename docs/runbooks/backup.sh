#!/usr/bin/env bash
# A backup on schedule, with the checkpoint that proves it later.
#
#   KEYDESK_PASSPHRASE_FILE=FILE backup.sh BACKUPS CHECKPOINTS
#
# BACKUPS and CHECKPOINTS are directories, the second on another machine or a medium of its own. The names of the two
# new files are on standard output.
set -euo pipefail
umask 077

[ $# -eq 2 ] || { echo 'usage: backup.sh BACKUPS CHECKPOINTS' >&2; exit 2; }
name=desk-$(date -u +%Y%m%dT%H%M%SZ)
backup=$1/$name.keydesk
checkpoint=$2/$name.checkpoint

desk() { keydesk --no-input --quiet "$@"; }
say() { printf '%s\n' "$*" >&2; }

status=0
desk store verify >&2 || status=$?
if [ "$status" -eq 8 ]; then say 'The store does not verify: no backup was made, and the older ones are worth keeping.'; fi
[ "$status" -eq 0 ] || exit "$status"

# The checkpoint comes first, so that the backup reaches to it.
desk audit checkpoint >"$checkpoint.new"
desk store backup "$backup" >&2
mv -- "$checkpoint.new" "$checkpoint"
printf '%s\n' "$backup" "$checkpoint"
