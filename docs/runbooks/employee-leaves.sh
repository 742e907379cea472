#!/usr/bin/env bash
# An employee leaves: PINs taken back, devices retired, the app of codes ended, the user removed.
#
#   employee-leaves.sh USER
set -euo pipefail

[ $# -eq 1 ] || { echo 'usage: employee-leaves.sh USER' >&2; exit 2; }

desk() { keydesk --no-input --quiet "$@"; }
say() { printf '%s\n' "$*" >&2; }

status=0
shown=$(desk user show "$1") || status=$?
if [ "$status" -eq 7 ]; then
  # Removed before, or never there: the record tells them apart.
  removed=$(desk audit list --user "$1" --action user.remove --outcome ok)
  [ -n "$removed" ] || exit 7
  say "$1 was removed before:"
  printf '%s\n' "$removed"
  exit 0
fi
[ "$status" -eq 0 ] || exit "$status"
user=$(sed -n 's/^User  *//p' <<<"$shown")

status=0
desk pin revoke "$user" || status=$?
case $status in
  0) ;;
  7) say 'No PIN was outstanding.' ;;
  *) exit "$status" ;;
esac

listed=$(desk device list --user "$user")
open=$(awk -F '\t' '$5 != "retired" { print $1 }' <<<"$listed")
for tag in $open; do
  desk device retire "$tag" --yes
done

apps=$(desk totp list)
if grep -Fq -- "$user"$'\tuser\t' <<<"$apps"; then desk totp reset "$user" --of user --yes; fi

desk user remove "$user" --yes
desk audit list --user "$user"
