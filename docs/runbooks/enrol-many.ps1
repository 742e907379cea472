# A fleet: users and devices from files, invitations pushed by the device management, and their file deleted.
#
#   enrol-many.ps1 plan USERS.csv DEVICES.csv
#   enrol-many.ps1 run USERS.csv DEVICES.csv OUT.csv PUSH [ARG…]
#
# PUSH is the command that hands OUT.csv, its last argument, to the device management. Where OUT.csv is there already, an
# earlier push failed: it is pushed again, and nothing is imported.
#Requires -Version 7.3
Set-StrictMode -Version 3
$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $false

function desk { keydesk --no-input --quiet @args }
function say([string]$Text) { [Console]::Error.WriteLine($Text) }
function check { if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE } }

$isPlan = $args.Count -eq 3 -and $args[0] -eq 'plan'
if (-not $isPlan -and -not ($args.Count -ge 5 -and $args[0] -eq 'run')) {
  say 'usage: enrol-many.ps1 plan USERS.csv DEVICES.csv | run USERS.csv DEVICES.csv OUT.csv PUSH [ARG…]'
  exit 2
}
$users = $args[1]
$devices = $args[2]

if ($isPlan -or -not (Test-Path -LiteralPath $args[3])) {
  # A line that would be refused in either file stops here, before anything is written.
  desk user import $users --dry-run
  check
  desk device import $devices --dry-run
  check
}
if ($isPlan) { exit 0 }
$out = $args[3]
$push = $args[4]
$more = @($args | Select-Object -Skip 5)

if (-not (Test-Path -LiteralPath $out)) {
  desk user import $users
  check
  desk device import $devices --provisioning $out
  check
}
if (-not (Test-Path -LiteralPath $out)) {
  say 'No device is new: there is nothing to push.'
  exit 0
}

$global:LASTEXITCODE = 0
& $push @more $out
if ($LASTEXITCODE -ne 0) {
  say "The push failed with $LASTEXITCODE. $out opens these devices: keep it to yourself, and run this again."
  exit $LASTEXITCODE
}
Remove-Item -LiteralPath $out -Force
say "Pushed, and deleted $out."
