# Completion of keydesk and keydesk-device for PowerShell.
# The line is passed on as text and is never evaluated. The answer is quoted already.
# The program that answers is the one on PATH, whatever path the line names.
Register-ArgumentCompleter -Native -CommandName keydesk, keydesk-device -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    # Windows PowerShell drops empty arguments, so each word gets a sign in front. It mangles double quotes, so they are
    # removed.
    $words = @($commandAst.CommandElements |
        Where-Object { $_.Extent.EndOffset -lt $cursorPosition } |
        ForEach-Object { '=' + $_.Extent.Text.Replace('"', '') })
    $words += '=' + "$wordToComplete".Replace('"', '')
    $before = [Console]::OutputEncoding
    try {
        [Console]::OutputEncoding = New-Object System.Text.UTF8Encoding $false
        $lines = @(& keydesk complete powershell @words 2>$null)
    } catch {
        return
    } finally {
        [Console]::OutputEncoding = $before
    }
    if ($lines.Count -eq 0 -or $lines[0] -ne 'words') { return }
    $lines | Select-Object -Skip 1 | ForEach-Object {
        $insert, $shown, $about = $_ -split "`t", 3
        New-Object System.Management.Automation.CompletionResult $insert, $shown, 'ParameterValue', $about
    }
}
