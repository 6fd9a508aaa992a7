/** Reads targets as lines: `HOST name=value name="a value"`. A comment starts with `#`. */
import type { Entries } from './entries.ts';
import { quoted, TargetsError } from './error.ts';

const ADDRESS = /[ \t]*([^\s#]\S*)/y;
const LABEL = /[ \t]+([^\s=#"][^\s="]*)=(?:"((?:[^"\\]|\\["\\])*)"|([^\s"]*))(?=[ \t]|$)/y;
/** The rest of a line: space or a comment. A `#` within a word does not start a comment. */
const REST = /[ \t]*$|(?:^|[ \t]+)#.*$/sy;

/** @throws TargetsError */
export function readLines(text: string, entries: Entries): void {
  let number = 0;
  // not split(), which would make a huge array from a file of empty lines
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    readLine(text.slice(start, end).replace(/\r$/, ''), ++number, entries);
    start = end + 1;
  }
}

function readLine(line: string, number: number, entries: Entries): void {
  let at = 0;
  /** Matches an expression at the current position of the line. */
  const next = (expression: RegExp): RegExpExecArray | null => {
    expression.lastIndex = at;
    const found = expression.exec(line);
    if (found !== null) at += found[0].length;
    return found;
  };
  const address = next(REST) === null ? next(ADDRESS)?.[1] : undefined;
  if (address === undefined) return;
  const labels: [name: string, value: string][] = [];
  while (next(REST) === null) {
    const [, name, inQuotes, plain = ''] = next(LABEL) ?? [];
    if (name === undefined) {
      const problem = `${quoted(line.slice(at).trim())} is not a label; write one target a line, with its labels as name=value or name="a value"`;
      throw new TargetsError('syntax', problem, entries.placeOf(number));
    }
    labels.push([name, inQuotes?.replaceAll(/\\(.)/g, '$1') ?? plain]);
  }
  entries.add(address, entries.labels(labels, number), number);
}
