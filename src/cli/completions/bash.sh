# Completion of ontap-select-deploy for bash.

_ontap_select_deploy() {
  # This uses the line instead of COMP_WORDS, because bash splits those at "=", ":" and "@" as well.
  local line=${COMP_LINE:0:COMP_POINT} current before value kept head file word
  local command= count=0 option= options='__START_OPTIONS__' words list
  local -a offers=('__COMMANDS__')
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
      *)
        case $command in
          '') command=$word ;;
          __GROUPS__) command+=" $word" ;;
          *) count=$((count + 1)) ;;
        esac
        ;;
    esac
  done
  case $command in
    '') ;;
    __EACH_GROUP__
    __EACH_COMMAND__
    *) offers=() ;;
  esac
  words=${offers[count]-}

  # Inside quotes bash replaces the whole word. Otherwise it replaces the part after the last word break.
  if [[ $current == [\'\"]* ]]; then
    current=${current:1} kept=
  else
    kept=${current%"${current##*[$COMP_WORDBREAKS]}"}
    # The part that bash replaces includes an "@".
    kept=${kept%@}
  fi
  value=$current
  if [[ -z $option && $current == --*=* ]]; then
    option=${current%%=*} value=${current#*=}
  fi
  case $option in
    '')
      [[ $current != -* ]] || words=$options
      if [[ $words != @files ]]; then
        COMPREPLY=($(compgen -W "$words" -- "$current"))
        return
      fi
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
