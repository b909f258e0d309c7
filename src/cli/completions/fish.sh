# Completion of ontap-select-deploy for fish.

# Completes a file name after "@" or "<".
function __ontap_select_deploy_file
    set -l token (commandline -ct | string replace -r '^(--[a-z-]+=)?[\'"]?' '')
    string match -qr '[@<]' -- $token; or return
    set -l head (string replace -r '[^@<]*$' '' -- $token)
    for file in (__fish_complete_path (string replace -r '^.*[@<]' '' -- $token))
        echo -- $head$file
    end
end

# The command before the cursor, of one or two words, and its arguments.
function __ontap_select_deploy_words
    set -l words
    set -l skip 0
    set -l typed (commandline -opc)
    set -e typed[1]
    for word in $typed
        if test $skip = 1
            set skip 0
            continue
        end
        switch $word
            case __VALUED__
                set skip 1
            case '-*'
            case '*'
                set -a words $word
        end
    end
    if set -q words[2]; and contains -- $words[1] __GROUPS__
        set words[2] "$words[1] $words[2]"
        set -e words[1]
    end
    set -q words[1]; and printf '%s\n' $words
end

# Whether the command is one of these. Without arguments: whether there is no command yet.
function __ontap_select_deploy_command
    set -l words (__ontap_select_deploy_words)
    if set -q argv[1]
        contains -- "$words[1]" $argv
    else
        not set -q words[1]
    end
end

# Whether the cursor is at this argument of this command.
function __ontap_select_deploy_argument --argument-names number command
    set -l words (__ontap_select_deploy_words)
    test "$words[1]" = "$command" -a (count $words) = $number
end

complete -c ontap-select-deploy -f
__EACH_COMMAND__
__EACH_OPTION__
