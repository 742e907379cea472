#!/usr/bin/env bash
# Whether the README's two commands work for somebody who has just cloned this: a clone of HEAD in a temporary folder, with nothing
# installed, under whatever Node is first on PATH. Too slow for `npm test`; for a person before a release.
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
