# Completion of keydesk and keydesk-device for fish.
# The line is passed on unchanged and is never evaluated. fish itself quotes the text that it inserts.
# The program that answers is the one on PATH, whatever path the line names.
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
