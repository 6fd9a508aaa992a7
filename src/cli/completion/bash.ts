/** For bash 3.2 and later. */
import { commandNames } from '../manual/commands.ts';
import { allOptions } from '../manual/options.ts';
import { choicesAfter, formsOf, optionForms } from './words.ts';

export function bashCompletion(): string {
  const withValue = formsOf(true);
  const paths = allOptions.filter(({ name, path }) => path && name !== 'host').flatMap(optionForms);
  const afterCommand = choicesAfter().map(
    ([name, choices]) => `      ${name}) words='${choices.join(' ')}' ;;`,
  );
  return `# chrony-wasm for bash
_chrony_wasm() {
  # not COMP_WORDS, where each colon of an address and each = is a word
  local line=\${COMP_LINE:0:COMP_POINT} given=()
  read -ra given <<<"$line"
  [[ $line == *[[:space:]] ]] && given+=('')
  local last=$((\${#given[@]} - 1))
  local word=\${given[last]} previous=\${given[last - 1]}
  local command='' operands=0 words='' i
  COMPREPLY=()
  case $word in
    --*=*)
      previous=\${word%%=*}
      word=\${word#*=}
      ;;
  esac
  case $previous in
    -h | --host)
      [[ $word == /* ]] && COMPREPLY=($(compgen -f -- "$word"))
      return
      ;;
    ${paths.join(' | ')})
      COMPREPLY=($(compgen -f -- "$word"))
      return
      ;;
    ${withValue.filter((form) => form !== '-h' && form !== '--host' && !paths.includes(form)).join(' | ')}) return ;;
  esac
  for ((i = 1; i < last; i++)); do
    case \${given[i]} in
      ${withValue.join(' | ')}) ((i++)) ;;
      -*) ;;
      *)
        if [[ -z $command ]]; then command=\${given[i]}; else ((operands++)); fi
        ;;
    esac
  done
  if [[ $word == -* ]]; then
    words='${[...withValue, ...formsOf(false)].join(' ')}'
  elif [[ -z $command ]]; then
    words='${commandNames.join(' ')}'
  elif ((operands == 0)); then
    case $command in
${afterCommand.join('\n')}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -F _chrony_wasm chrony-wasm
`;
}
