# Completion of keydesk and keydesk-device for fish. What is on the line is handed over as it stands, and is never evaluated; fish itself
# quotes what it inserts. The program is the one on PATH, whatever the line names.
function __keydesk_complete
    set -l current (commandline -ct)
    set -l lines (command keydesk complete fish (commandline -opc) "$current" </dev/null 2>/dev/null)
    if test "$lines[1]" = files
        __fish_complete_path "$current"
        return
    end
    for line in $lines[2..-1]
        printf '%s\n' $line
    end
end
complete -c keydesk -f -a '(__keydesk_complete)'
complete -c keydesk-device -f -a '(__keydesk_complete)'
