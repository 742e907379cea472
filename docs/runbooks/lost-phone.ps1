# A phone is lost or stolen: close it to resets, take back its PINs, see what was done with it, end the app of codes that
# was on it, and invite the next phone.
#
#   lost-phone.ps1 DEVICE REASON DRAFT.eml [OPTION…]
#
# DEVICE is an id, a tag, or a part of a name or user that only one has. OPTIONs go to device invite: --platform ios, --allow-pin.
# The enrolment code for the next phone is the last line of standard output: tell it by another way than the draft.
#Requires -Version 7.3
Set-StrictMode -Version 3
$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $false

function desk { keydesk --no-input --quiet @args }
function say([string]$Text) { [Console]::Error.WriteLine($Text) }
function check { if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE } }

if ($args.Count -lt 3) { say 'usage: lost-phone.ps1 DEVICE REASON DRAFT.eml [OPTION…]'; exit 2 }
$device, $reason, $draft = $args[0..2]
$more = @($args | Select-Object -Skip 3)

$shown = desk device show $device
check
$tag = @($shown | Select-String '^Tag +(.*)$')[0].Matches[0].Groups[1].Value
$user = @($shown | Select-String '^User +(.*)$')[0].Matches[0].Groups[1].Value

desk device block $tag --reason $reason
check

desk pin revoke $user
if ($LASTEXITCODE -eq 7) { say 'No PIN was outstanding.' } else { check }

say "What was done with ${tag}:"
desk audit list --device $tag
check

# Only an app that is set up can be reset; that it takes an admin is exit 6, and the phone is blocked all the same.
$apps = @(desk totp list)
check
if ($apps | Where-Object { $_.StartsWith("$user`tuser`t") }) {
  desk totp reset $user --of user --yes
  check
}

if (Test-Path -LiteralPath $draft) {
  say "$draft is there already: the next phone was invited, and is not again."
  exit 0
}
desk device invite --user $user --email $draft @more
check
say "Blocked. Send $draft and delete it; once the next phone is in use, or $tag will not come back: keydesk device retire $tag"
