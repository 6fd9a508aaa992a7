/** Advice for an unknown name: the name that was probably meant, or the list of valid names. */

/** The maximum edit distance of a suggestion. */
const TOLERANCE = 2;

/** The edit distance: how many letters must be inserted, deleted, replaced, or exchanged with the next letter. */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (const [row, letter] of [...a].entries()) {
    const current = [row + 1];
    for (const [column, other] of [...b].entries()) {
      const replaced = (previous[column] ?? 0) + (letter === other ? 0 : 1);
      const isExchange = row > 0 && column > 0 && letter === b[column - 1] && a[row - 1] === other;
      const exchanged = isExchange ? (before[column - 1] ?? 0) + 1 : Number.POSITIVE_INFINITY;
      current.push(
        Math.min(replaced, exchanged, (previous[column + 1] ?? 0) + 1, (current[column] ?? 0) + 1),
      );
    }
    before = previous;
    previous = current;
  }
  return previous.at(-1) ?? 0;
}

/** Returns the most similar word, or undefined if none is similar. */
export function suggestion(word: string, words: readonly string[]): string | undefined {
  const near = words
    .map((each) => ({ each, far: distance(word.toLowerCase(), each.toLowerCase()) }))
    .filter(({ each, far }) => far <= TOLERANCE && far < each.length / 2)
    .sort((a, b) => a.far - b.far);
  return near[0]?.each;
}

/**
 * Returns the end of a message about a word that is not in a list: `did you mean 'stratum'?`, or the whole list.
 *
 * @param listTitle - the text before the list, e.g. `the reports are`
 */
export function adviceFor(word: string, words: readonly string[], listTitle: string): string {
  const meant = suggestion(word, words);
  return meant === undefined ? `${listTitle}: ${words.join(', ')}` : `did you mean '${meant}'?`;
}

/**
 * Rejects an object with an unknown property.
 *
 * @param where - the function that received the object, e.g. `makeTracking()`
 * @param path - the path to the object in the function's argument, e.g. `faults`; empty for the argument itself
 * @throws TypeError
 */
export function checkKeys(given: unknown, known: readonly string[], where: string, path = ''): void {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    const what = path === '' ? where : `${where}: ${path}`;
    throw new TypeError(`${what} takes an object, not ${Array.isArray(given) ? 'an array' : String(given)}`);
  }
  for (const key of Object.keys(given)) {
    if (known.includes(key)) continue;
    const full = path === '' ? key : `${path}.${key}`;
    throw new TypeError(
      `${where}: unknown property '${full}'; ${adviceFor(key, known, 'the properties are')}`,
    );
  }
}
