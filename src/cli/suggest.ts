/** What the user may have meant. */
import { UsageError } from './usage.ts';

/** How many letters may be wrong. */
const TOLERANCE = 2;

/** How many letters must be put in, left out or replaced to make one word of the other. */
function distance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (const [row, letter] of [...a].entries()) {
    const current = [row + 1];
    for (const [column, other] of [...b].entries()) {
      const replaced = (previous[column] ?? 0) + (letter === other ? 0 : 1);
      current.push(Math.min(replaced, (previous[column + 1] ?? 0) + 1, (current[column] ?? 0) + 1));
    }
    previous = current;
  }
  return previous.at(-1) ?? 0;
}

/** The word most like the one that was written; undefined if none is. */
export function suggestion(word: string, words: readonly string[]): string | undefined {
  const near = words
    .map((each) => ({ each, far: distance(word, each) }))
    .filter(({ each, far }) => far <= TOLERANCE && far < each.length / 2)
    .sort((a, b) => a.far - b.far);
  return near[0]?.each;
}

/** The word itself, if it is one of those. @throws UsageError that helps to find it. */
export function choose<Word extends string>(
  kind: 'command' | 'report' | 'shell',
  word: string,
  words: readonly Word[],
): Word {
  const found = words.find((each) => each === word);
  if (found !== undefined) return found;
  const meant = suggestion(word, words);
  const help = meant === undefined ? `the ${kind}s are: ${words.join(', ')}` : `did you mean '${meant}'?`;
  throw new UsageError(`there is no ${kind} '${word}'; ${help}`);
}
