# Completion of ontap-select-deploy for fish.

# The name of a file behind "@" or "<".
function __ontap_select_deploy_file
    set -l token (commandline -ct | string replace -r '^(--[a-z-]+=)?[\'"]?' '')
    string match -qr '[@<]' -- $token; or return
    set -l head (string replace -r '[^@<]*$' '' -- $token)
    for file in (__fish_complete_path (string replace -r '^.*[@<]' '' -- $token))
        echo -- $head$file
    end
end

complete -c ontap-select-deploy -f
__EACH_COMMAND__
__EACH_OPTION__
