#!/usr/bin/env bash
# Checks that the README's two commands work in a fresh clone.
# - It clones HEAD into a temporary folder, with nothing installed, and uses the Node that is first on PATH.
# - It also fails if the commands leave files behind or change some.
# - Run it by hand before a release: it is too slow for `npm test`.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

git clone --quiet "$root" "$work/keydesk"
cd "$work/keydesk"
printf 'a clone of %s, Node %s\n' "$(git rev-parse --short HEAD)" "$(node --version)"
for task in demo test; do
  started=$SECONDS
  npm run "$task" </dev/null
  printf 'npm run %s: ok in %s s\n' "$task" $((SECONDS - started))
done
if [ -n "$(git status --porcelain)" ]; then
  printf 'these files were left behind or changed:\n'
  git status --short
  exit 1
fi
