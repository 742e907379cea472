# Disaster recovery: a backup on a new machine, proved against the checkpoint that was kept elsewhere.
#
#   $env:KEYDESK_PASSPHRASE_FILE = 'FILE'; restore.ps1 BACKUP CHECKPOINT
#
# The workstation's config (see ../backup.md) is in its place first: it holds the operator's keys.
#Requires -Version 7.3
param([Parameter(Mandatory)][string]$Backup, [Parameter(Mandatory)][string]$Checkpoint)
Set-StrictMode -Version 3
$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $false

function desk { keydesk --no-input @args }
function say([string]$Text) { [Console]::Error.WriteLine($Text) }
function check { if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE } }

if (-not (Test-Path -LiteralPath $Checkpoint)) { say "there is no checkpoint $Checkpoint; nothing was restored"; exit 7 }

desk store restore $Backup --yes
if ($LASTEXITCODE -eq 7) { say 'Is the file there, and the config of an operator of this desk in its place?' }
if ($LASTEXITCODE -eq 8) { say 'This backup does not verify: take the one before it.' }
check

desk store verify
check

desk audit verify --against $Checkpoint
if ($LASTEXITCODE -eq 8) {
  say 'The backup is not what the checkpoint was made of, or is older: work with it no further, and find out who had it.'
}
check
desk store info
check
