#!/usr/bin/env bash
# A phone is lost or stolen: close it to resets, take back its PINs, see what was done with it, end the app of codes that
# was on it, and invite the next phone.
#
#   lost-phone.sh DEVICE REASON DRAFT.eml [OPTION…]
#
# DEVICE is an id, a tag, or a part of a name or user that only one has. OPTIONs go to device invite: --platform ios, --allow-pin.
# The enrolment code for the next phone is the last line of standard output: tell it by another way than the draft.
set -euo pipefail

[ $# -ge 3 ] || { echo 'usage: lost-phone.sh DEVICE REASON DRAFT.eml [OPTION…]' >&2; exit 2; }
device=$1
reason=$2
draft=$3
shift 3

desk() { keydesk --no-input --quiet "$@"; }
say() { printf '%s\n' "$*" >&2; }

shown=$(desk device show "$device")
tag=$(sed -n 's/^Tag  *//p' <<<"$shown")
user=$(sed -n 's/^User  *//p' <<<"$shown")

desk device block "$tag" --reason "$reason"

status=0
desk pin revoke "$user" || status=$?
case $status in
  0) ;;
  7) say 'No PIN was outstanding.' ;;
  *) exit "$status" ;;
esac

say "What was done with $tag:"
desk audit list --device "$tag"

# Only an app that is set up can be reset; that it takes an admin is exit 6, and the phone is blocked all the same.
apps=$(desk totp list)
if grep -Fq -- "$user"$'\tuser\t' <<<"$apps"; then desk totp reset "$user" --of user --yes; fi

if [ -e "$draft" ]; then
  say "$draft is there already: the next phone was invited, and is not again."
  exit 0
fi
desk device invite --user "$user" --email "$draft" "$@"
say "Blocked. Send $draft and delete it; once the next phone is in use, or $tag will not come back: keydesk device retire $tag"
