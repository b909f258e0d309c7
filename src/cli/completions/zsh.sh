#compdef ontap-select-deploy
# Completion of ontap-select-deploy for zsh.

# Completes a file name after "@" or "<".
_ontap-select-deploy_file() {
  compset -P '*[@<]' && _files
}

_ontap-select-deploy() {
  local command= word skip=
  for word in ${words[2,CURRENT-1]}; do
    if [[ -n $skip ]]; then
      skip=
      continue
    fi
    case $word in
      (__VALUED__) skip=1 ;;
      (-*) ;;
      (*)
        command+=${command:+ }$word
        case $command in
          (__GROUPS__) ;;
          (*) break ;;
        esac
        ;;
    esac
  done
  local -A specs=(
    __EACH_OPTION__
  )
  local -a taken=(__START_OPTIONS__) arguments=(__COMMANDS__) offered=()
  case $command in
    __EACH_GROUP__
    __EACH_COMMAND__
  esac
  for word in $taken; do
    arguments+=($specs[$word])
  done
  _arguments $arguments $offered '*:argument:()'
}

# If zsh loads this file as a function from fpath, it runs the completion. If it is sourced, it registers it.
if [[ $funcstack[1] == _ontap-select-deploy ]]; then
  _ontap-select-deploy "$@"
else
  compdef _ontap-select-deploy ontap-select-deploy
fi
