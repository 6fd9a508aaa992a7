/** The sentences of a file as Markdown. Each stays on its line, so that a finding has the line number of the file. */
import jsTokens from 'js-tokens';

const HASH_COMMENTS = /(?:\.(?:sh|mk|ya?ml)|Makefile|Dockerfile)$/;
const CODE = /\.(?:[cm]?[jt]s|c|h)$/;
const SENTENCE = /\p{L}{2,} \S.*? \p{L}{2,}/u;

/** The prose of a file, or null if files of its kind have none. */
export function proseOf(path, text) {
  if (path.endsWith('.md')) return text;
  if (HASH_COMMENTS.test(path)) return hashComments(text);
  return CODE.test(path) ? codeProse(text) : null;
}

function hashComments(text) {
  return text
    .split('\n')
    .map((line) => /^\s*#(?!!)\s?(.*)$/.exec(line)?.[1] ?? '')
    .join('\n');
}

/** The comments of code, and its strings of at least three words. */
function codeProse(text) {
  const lines = [''];
  let isLineStart = true;
  const add = (prose) => {
    lines[lines.length - 1] += `${lines.at(-1) === '' ? '' : '; '}${prose}`;
  };
  // A template consists of several tokens, and may contain line breaks.
  let string = '';
  const continueString = (value) => {
    const [first, ...others] = value.replaceAll('\\n', ' ').split('\n');
    string += first;
    for (const line of others) {
      endString();
      lines.push('');
      string = line;
    }
  };
  const endString = () => {
    if (SENTENCE.test(string)) add(`- ${string.trim()}`);
    string = '';
  };
  for (const { type, value } of jsTokens(text)) {
    if (type === 'LineTerminatorSequence') {
      lines.push('');
      isLineStart = true;
      continue;
    }
    if (type === 'WhiteSpace') continue;
    if (type === 'SingleLineComment') add(`${isLineStart ? '' : '- '}${value.slice(2).trim()}`);
    else if (type === 'MultiLineComment') {
      let isExample = false;
      value
        .slice(2, -2)
        .split('\n')
        .forEach((line, index) => {
          if (index > 0) lines.push('');
          const prose = line.replace(/^\s*\*+ ?/, '').trim();
          // An example is code, not prose.
          if (prose.startsWith('@')) isExample = prose.startsWith('@example');
          if (prose !== '' && !isExample) add(prose.replace(/^@(\w+)/, '- `@$1`'));
        });
    } else if (value.startsWith("'") || value.startsWith('"') || type === 'NoSubstitutionTemplate') {
      continueString(value.slice(1, -1));
      endString();
    } else if (type === 'TemplateHead' || type === 'TemplateMiddle') {
      continueString(`${value.slice(1, -2)}\`x\``);
    } else if (type === 'TemplateTail') {
      continueString(value.slice(1, -1));
      endString();
    }
    isLineStart = false;
  }
  return lines.join('\n');
}
