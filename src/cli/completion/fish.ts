/** For fish 3 and later. */
import { COMMANDS } from '../manual/commands.ts';
import { allOptions, type DescribedOption } from '../manual/options.ts';
import { choicesAfter, formsOf } from './words.ts';

/** A string for fish, whatever is in it. */
function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

function option({ short, name, value, path, text }: DescribedOption): string {
  const forms = short === undefined ? `-l ${name}` : `-s ${short} -l ${name}`;
  // -F: files, too, for what may be a path
  const argument = value === undefined ? '' : path ? ' -r -F' : ' -x';
  return `complete -c chrony-wasm ${forms}${argument} -d ${quoted(text)}`;
}

export function fishCompletion(): string {
  const commands = COMMANDS.map(
    ({ name, summary }) =>
      `complete -c chrony-wasm -n '__chrony_wasm_after ""' -a ${name} -d ${quoted(summary)}`,
  );
  const choices = choicesAfter().map(
    ([name, words]) =>
      `complete -c chrony-wasm -n '__chrony_wasm_after ${name}' -a ${quoted(words.join(' '))}`,
  );
  return `# chrony-wasm for fish
# The command and its operands before the cursor, without options and their values.
function __chrony_wasm_words
    set -l skip 0
    for word in (commandline -opc)[2..-1]
        if test $skip -eq 1
            set skip 0
            continue
        end
        switch $word
            case ${formsOf(true).join(' ')}
                set skip 1
            case '-*'
            case '*'
                echo $word
        end
    end
end
# Whether these words, and no others, are before the cursor. Fish before 3.4 has no "$(...)".
function __chrony_wasm_after
    set -l words (__chrony_wasm_words)
    test "$words" = "$argv"
end
complete -c chrony-wasm -f
${[...commands, ...choices, ...allOptions.map(option)].join('\n')}
`;
}
