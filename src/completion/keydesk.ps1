# Completion of keydesk and keydesk-device for PowerShell. What is on the line is handed over as text, and is never evaluated; what comes
# back is quoted already. The program is the one on PATH, whatever the line names.
Register-ArgumentCompleter -Native -CommandName keydesk, keydesk-device -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    # A sign before each word: Windows PowerShell drops arguments that are empty, and mangles double quotes.
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
