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
  local word=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]}
  local command='' operands=0 words='' i
  COMPREPLY=()
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
  for ((i = 1; i < COMP_CWORD; i++)); do
    case \${COMP_WORDS[i]} in
      ${withValue.join(' | ')}) ((i++)) ;;
      -*) ;;
      *)
        if [[ -z $command ]]; then command=\${COMP_WORDS[i]}; else ((operands++)); fi
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
