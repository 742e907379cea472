# A backup on schedule, with the checkpoint that proves it later.
#
#   $env:KEYDESK_PASSPHRASE_FILE = 'FILE'; backup.ps1 BACKUPS CHECKPOINTS
#
# BACKUPS and CHECKPOINTS are directories, the second on another machine or a medium of its own. The names of the two
# new files are on standard output.
#Requires -Version 7.3
param([Parameter(Mandatory)][string]$Backups, [Parameter(Mandatory)][string]$Checkpoints)
Set-StrictMode -Version 3
$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $false
$name = 'desk-' + [DateTime]::UtcNow.ToString('yyyyMMddTHHmmssZ')
$backup = Join-Path $Backups "$name.keydesk"
$checkpoint = Join-Path $Checkpoints "$name.checkpoint"

function desk { keydesk --no-input --quiet @args }
function say([string]$Text) { [Console]::Error.WriteLine($Text) }
function check { if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE } }

desk store verify | ForEach-Object { say $_ }
if ($LASTEXITCODE -eq 8) { say 'The store does not verify: no backup was made, and the older ones are worth keeping.' }
check

# The checkpoint comes first, so that the backup reaches to it.
$point = desk audit checkpoint
check
desk store backup $backup | ForEach-Object { say $_ }
check
Set-Content -LiteralPath $checkpoint -Value $point
$backup
$checkpoint
