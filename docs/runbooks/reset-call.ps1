# A reset during a call: hear the code, say the desk words, make sure of the caller, read the answer out, note how it ended.
#
#   reset-call.ps1 TICKET
#
# It asks a line each: the code (again where it was misheard), how the caller was verified (an empty line stops), and how
# it ended.
#Requires -Version 7.3
param([Parameter(Mandatory)][string]$Ticket)
Set-StrictMode -Version 3
$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $false

function desk { keydesk --no-input --quiet @args }
function say([string]$Text) { [Console]::Error.WriteLine($Text) }

function hear {
  while ($true) {
    $script:code = Read-Host 'The reset code, as the caller reads it out'
    $shown = desk reset check $script:code
    if ($LASTEXITCODE -eq 0) { break }
    if ($LASTEXITCODE -ne 3) { say 'Nothing was confirmed.'; exit $LASTEXITCODE }
    say 'Misheard, or a code of another kind: ask for it again.'
  }
  $shown | Out-Host
  $script:tag = @($shown | Select-String '^Device .*\((.....)\)$')[0].Matches[0].Groups[1].Value
}

hear
while ($true) {
  $answer = Read-Host 'Say the two words. Then: how did you make sure of the caller? totp, pin, callback, manager, in-person; empty stops'
  if ($answer -eq '') {
    desk reset outcome $tag --aborted --ticket $Ticket
    exit 6
  }
  desk reset confirm $code --verified-by $answer --ticket $Ticket --spell
  if ($LASTEXITCODE -eq 0) { break }
  # One symbol was misheard, and it is known which: the hint says what to read back.
  if ($LASTEXITCODE -eq 3) { hear; continue }
  if ($LASTEXITCODE -notin 2, 6) { say 'Nothing was confirmed.'; exit $LASTEXITCODE }
  say 'Not confirmed. Do what the hint says, or name another way:'
}

while ($true) {
  $answer = Read-Host 'How did it end? opened, aborted, will-call-back'
  desk reset outcome $tag "--$answer" --ticket $Ticket
  if ($LASTEXITCODE -ne 2) { exit $LASTEXITCODE }
}
