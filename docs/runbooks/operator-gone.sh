#!/usr/bin/env bash
# An operator leaves, or their laptop was stolen: a backup and the record of before, their rights ended, new keys for the
# desk, a backup of after.
#
#   operator-gone.sh NAME DIRECTORY
#
# DIRECTORY is a new one, made for this case; what was done is kept in it. Running it again goes on where it stopped.
set -euo pipefail
umask 077

[ $# -eq 2 ] || { echo 'usage: operator-gone.sh NAME DIRECTORY' >&2; exit 2; }
name=$1
folder=$2

desk() { keydesk --no-input --quiet "$@"; }
say() { printf '%s\n' "$*" >&2; }

mkdir -p -- "$folder"
[ -s "$folder/checkpoint" ] || desk audit checkpoint >"$folder/checkpoint"
[ -e "$folder/before.keydesk" ] || desk store backup "$folder/before.keydesk"

status=0
desk operator remove "$name" --yes || status=$?
case $status in
  0) ;;
  # Gone already, by whose hand is on record: new keys are drawn all the same. A name that was never there stops here.
  7)
    listed=$(desk operator list)
    grep -Fq -- "$name"$'\t' <<<"$listed" || exit 7
    desk store rekey --yes
    ;;
  *) exit "$status" ;;
esac

desk audit list --by "$name" --ndjson >"$folder/done-by-them.ndjson"
desk audit export --out "$folder/record.ndjson" --yes
desk store verify
desk audit verify --against "$folder/checkpoint"
[ -e "$folder/after.keydesk" ] || desk store backup "$folder/after.keydesk"
say "Backups up to before.keydesk open with the old keys: lock them away or destroy them. Read $folder/done-by-them.ndjson."
