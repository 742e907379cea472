# A one-time PIN by mail: seen by nobody at the desk, sent by the mail server of this workstation.
#
#   pin-by-mail.ps1 USER DRAFT.eml [device|desk]
#
# `device` (unless told): the app takes it. `desk`: it proves the caller, who reads it out. Where DRAFT.eml is there
# already, it was not sent yet: it is sent, and no PIN is issued.
#Requires -Version 7.3
param([Parameter(Mandatory)][string]$User, [Parameter(Mandatory)][string]$Draft, [string]$Audience = 'device')
Set-StrictMode -Version 3
$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $false

function desk { keydesk --no-input @args }
function say([string]$Text) { [Console]::Error.WriteLine($Text) }
function check { if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE } }

if (-not (Test-Path -LiteralPath $Draft)) {
  desk pin check $User --for $Audience
  check
  desk pin issue $User --for $Audience --email $Draft
  if ($LASTEXITCODE -eq 6) { say 'No PIN was issued. What is MISSING above comes with the command that mends it.' }
  check
}

desk mail send $Draft
if ($LASTEXITCODE -ne 0) {
  say "The PIN is issued and was not sent. Mend what the hint says and run this again, or send $Draft by a mail program and delete it."
  exit $LASTEXITCODE
}
Remove-Item -LiteralPath $Draft -Force
say "Sent, and deleted $Draft."
