# A batch of confirmations, one reset code a line, one answer a line, in the same order.
#
#   Get-Content CODES | confirm-many.ps1 METHOD TICKET ANSWERS.ndjson
#
# METHOD is how all these callers were verified: callback, manager, in-person, totp, pin. ANSWERS.ndjson belongs in a
# directory that nobody else can read.
#Requires -Version 7.3
Set-StrictMode -Version 3
$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $false

# Not --quiet: how many were not confirmed is worth a line.
function desk { $input | keydesk --no-input @args }
function say([string]$Text) { [Console]::Error.WriteLine($Text) }

if ($args.Count -ne 3) { say 'usage: Get-Content CODES | confirm-many.ps1 METHOD TICKET ANSWERS.ndjson'; exit 2 }
$answers = $args[2]
if (Test-Path -LiteralPath $answers) { say "$answers is there already; nothing was confirmed"; exit 6 }

$lines = @($input | desk reset confirm --batch - --verified-by $args[0] --ticket $args[1])
$status = $LASTEXITCODE
Set-Content -LiteralPath $answers -Value $lines
$failed = @($lines | Select-String -SimpleMatch '"error":{').Count
say "$($lines.Count - $failed) of $($lines.Count) were confirmed; the codes are in ${answers}: deliver them, and delete it."
if ($status -eq 9) { say 'The store was busy: run it again with a new file. Who was confirmed is shown the same code.' }
elseif ($status -notin 0, 2, 5) { say 'Look at the lines that have an "error"; the others are confirmed.' }
exit $status
