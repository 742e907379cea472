# An employee leaves: PINs taken back, devices retired, the app of codes ended, the user removed.
#
#   employee-leaves.ps1 USER
#Requires -Version 7.3
param([Parameter(Mandatory)][string]$Name)
Set-StrictMode -Version 3
$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $false

function desk { keydesk --no-input --quiet @args }
function say([string]$Text) { [Console]::Error.WriteLine($Text) }
function check { if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE } }

$shown = desk user show $Name
if ($LASTEXITCODE -eq 7) {
  # Removed before, or never there: the record tells them apart.
  $removed = @(desk audit list --user $Name --action user.remove --outcome ok)
  check
  if ($removed.Count -eq 0) { exit 7 }
  say "$Name was removed before:"
  $removed
  exit 0
}
check
$user = @($shown | Select-String '^User +(.*)$')[0].Matches[0].Groups[1].Value

desk pin revoke $user
if ($LASTEXITCODE -eq 7) { say 'No PIN was outstanding.' } else { check }

$listed = @(desk device list --user $user)
check
foreach ($line in $listed) {
  $tag, $null, $null, $null, $state, $null = $line.Split("`t")
  if ($state -eq 'retired') { continue }
  desk device retire $tag --yes
  check
}

$apps = @(desk totp list)
check
if ($apps | Where-Object { $_.StartsWith("$user`tuser`t") }) {
  desk totp reset $user --of user --yes
  check
}

desk user remove $user --yes
check
desk audit list --user $user
check
