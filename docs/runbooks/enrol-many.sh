#!/usr/bin/env bash
# A fleet: users and devices from files, invitations pushed by the device management, and their file deleted.
#
#   enrol-many.sh plan USERS.csv DEVICES.csv
#   enrol-many.sh run USERS.csv DEVICES.csv OUT.csv PUSH [ARG…]
#
# PUSH is the command that hands OUT.csv, its last argument, to the device management. Where OUT.csv is there already, an
# earlier push failed: it is pushed again, and nothing is imported.
set -euo pipefail

usage() { echo 'usage: enrol-many.sh plan USERS.csv DEVICES.csv | run USERS.csv DEVICES.csv OUT.csv PUSH [ARG…]' >&2; exit 2; }
desk() { keydesk --no-input --quiet "$@"; }
say() { printf '%s\n' "$*" >&2; }

what=${1-}
users=${2-}
devices=${3-}
out=${4-}
case $what in
  plan) [ $# -eq 3 ] || usage ;;
  run) [ $# -ge 5 ] || usage ;;
  *) usage ;;
esac

if [ "$what" = plan ] || [ ! -e "$out" ]; then
  # A line that would be refused in either file stops here, before anything is written.
  desk user import "$users" --dry-run
  desk device import "$devices" --dry-run
fi
[ "$what" = run ] || exit 0
shift 4

if [ ! -e "$out" ]; then
  desk user import "$users"
  desk device import "$devices" --provisioning "$out"
fi
if [ ! -e "$out" ]; then
  say 'No device is new: there is nothing to push.'
  exit 0
fi

status=0
"$@" "$out" || status=$?
if [ "$status" -ne 0 ]; then
  say "The push failed with $status. $out opens these devices: keep it to yourself, and run this again."
  exit "$status"
fi
if command -v shred >/dev/null; then shred -u -- "$out"; else rm -f -- "$out"; fi
say "Pushed, and deleted $out."
