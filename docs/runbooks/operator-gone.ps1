# An operator leaves, or their laptop was stolen: a backup and the record of before, their rights ended, new keys for the
# desk, a backup of after.
#
#   operator-gone.ps1 NAME DIRECTORY
#
# DIRECTORY is a new one, made for this case, that nobody else can read; what was done is kept in it. Running it again
# goes on where it stopped.
#Requires -Version 7.3
param([Parameter(Mandatory)][string]$Name, [Parameter(Mandatory)][string]$Directory)
Set-StrictMode -Version 3
$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $false

function desk { keydesk --no-input --quiet @args }
function say([string]$Text) { [Console]::Error.WriteLine($Text) }
function check { if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE } }

New-Item -ItemType Directory -Force -Path $Directory | Out-Null
if (-not (Test-Path -LiteralPath "$Directory/checkpoint")) {
  $checkpoint = desk audit checkpoint
  check
  Set-Content -LiteralPath "$Directory/checkpoint" -Value $checkpoint
}
if (-not (Test-Path -LiteralPath "$Directory/before.keydesk")) {
  desk store backup "$Directory/before.keydesk"
  check
}

desk operator remove $Name --yes
if ($LASTEXITCODE -eq 7) {
  # Gone already, by whose hand is on record: new keys are drawn all the same. A name that was never there stops here.
  $listed = @(desk operator list)
  check
  if (-not ($listed | Where-Object { $_.StartsWith("$Name`t") })) { exit 7 }
  desk store rekey --yes
}
check

$theirs = @(desk audit list --by $Name --ndjson)
check
Set-Content -LiteralPath "$Directory/done-by-them.ndjson" -Value $theirs
desk audit export --out "$Directory/record.ndjson" --yes
check
desk store verify
check
desk audit verify --against "$Directory/checkpoint"
check
if (-not (Test-Path -LiteralPath "$Directory/after.keydesk")) {
  desk store backup "$Directory/after.keydesk"
  check
}
say "Backups up to before.keydesk open with the old keys: lock them away or destroy them. Read $Directory/done-by-them.ndjson."
