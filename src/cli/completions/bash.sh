# Completion of ontap-select-deploy for bash.

_ontap_select_deploy() {
  # The line and not COMP_WORDS, since bash splits those at "=", ":" and "@" as well.
  local line=${COMP_LINE:0:COMP_POINT} current before value kept head file word
  local command= argument= option= options='__START_OPTIONS__' words='__COMMANDS__' list
  COMPREPLY=()
  current=${line##*[[:space:]]}
  before=${line%"$current"}
  read -ra list <<<"$before"
  for word in "${list[@]:1}"; do
    if [[ -n $option ]]; then
      option=
      continue
    fi
    case $word in
      __VALUED__) option=$word ;;
      -*) ;;
      *) if [[ -z $command ]]; then command=$word; else argument=$word; fi ;;
    esac
  done
  [[ -z $command ]] || words=
  case $command in
    __EACH_COMMAND__
  esac
  [[ -z $argument ]] || words=

  # Inside a quote bash replaces the whole word, elsewhere what follows the last character at which it splits.
  if [[ $current == [\'\"]* ]]; then
    current=${current:1} kept=
  else
    kept=${current%"${current##*[$COMP_WORDBREAKS]}"}
    # It leaves an "@" in the word that it replaces.
    kept=${kept%@}
  fi
  value=$current
  if [[ -z $option && $current == --*=* ]]; then
    option=${current%%=*} value=${current#*=}
  fi
  case $option in
    '')
      [[ $current != -* ]] || words=$options
      COMPREPLY=($(compgen -W "$words" -- "$current"))
      return
      ;;
    __FILES__) ;;
    __FILES_BEHIND_AT__)
      [[ $value == *[@\<]* ]] || return
      value=${value##*[@<]}
      ;;
    *) return ;;
  esac
  local IFS=$'\n'
  head=${current%"$value"}
  compopt -o filenames 2>/dev/null
  for file in $(compgen -f -- "$value"); do
    file=$head$file
    COMPREPLY+=("${file#"$kept"}")
  done
}

complete -F _ontap_select_deploy ontap-select-deploy
