#!/usr/bin/env bash
# Checks that the package works as a user gets it.
# - It packs the package and installs the tarball into an empty folder, without install scripts.
# - It runs both programs, the completion of a TAB, and `doctor`.
# - It checks the man pages, the SBOM and the licences.
# - It compiles and runs a program that imports both entry points of the library.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cd "$root"
npm pack --silent --ignore-scripts --pack-destination "$work" >/dev/null
cd "$work"
printf '{ "private": true, "type": "module" }\n' >package.json
npm install --silent --ignore-scripts ./keydesk-*.tgz

version=$(node -p 'JSON.parse(require("fs").readFileSync("node_modules/keydesk/package.json")).version')
for program in keydesk keydesk-device; do
  shown=$("node_modules/.bin/$program" --version)
  if [ "$shown" != "$version" ]; then
    printf '%s --version says %s, and the package is %s\n' "$program" "$shown" "$version"
    exit 1
  fi
done

# TAB completion, `doctor` and the files of the package work in an empty home.
mkdir -m 700 home
run() { env -i HOME="$work/home" PATH="$PATH" LC_ALL=C.UTF-8 "$@"; }
[ "$(run node_modules/.bin/keydesk complete bash 'keydesk reset con' '')" = "$(printf 'words\nconfirm')" ]
for shell in bash zsh fish powershell; do run node_modules/.bin/keydesk completion "$shell" | grep -q 'keydesk complete'; done
run node_modules/.bin/keydesk doctor >/dev/null
for file in THIRD-PARTY-LICENSES.txt sbom.cdx.json; do [ -s "node_modules/keydesk/dist/$file" ]; done
# npm links the man pages to the folder where `man` looks, beside the programs.
npm install --silent --global --ignore-scripts --prefix "$work/global" ./keydesk-*.tgz
for page in keydesk keydesk-device keydesk-reset-confirm; do [ -s "$work/global/share/man/man1/$page.1" ]; done

cat >use.ts <<'END'
import { deriveResetCode, asDeviceSecret, type ResetCode } from 'keydesk/crypto'
import * as device from 'keydesk/device'

const code: ResetCode = deriveResetCode(asDeviceSecret(new Uint8Array(32)), { id: new Uint8Array(16), tag: 1, epoch: 0 })
if (code.length !== 17 || Object.keys(device).length === 0) throw new Error('the library is not whole')
END
ln -s "$root/node_modules/@types" "$root/node_modules/undici-types" node_modules/
node "$root/node_modules/typescript/bin/tsc" --noEmit --strict --module nodenext --target es2024 --lib es2024 --types node use.ts
node use.ts
printf 'keydesk %s: %s KiB installed, of which the package itself %s KiB\n' "$version" \
  "$(du -sk node_modules | cut -f1)" "$(du -sk node_modules/keydesk | cut -f1)"
