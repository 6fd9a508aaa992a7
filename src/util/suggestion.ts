/** Names that do not exist: the one that was probably meant, or all that there are. */

/** How many letters of a suggestion may differ. */
const TOLERANCE = 2;

/** How many letters must be inserted, deleted or replaced, or exchanged with the next one. */
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

/** The word that is most similar; undefined if none is similar. */
export function suggestion(word: string, words: readonly string[]): string | undefined {
  const near = words
    .map((each) => ({ each, far: distance(word.toLowerCase(), each.toLowerCase()) }))
    .filter(({ each, far }) => far <= TOLERANCE && far < each.length / 2)
    .sort((a, b) => a.far - b.far);
  return near[0]?.each;
}

/**
 * The end of a message about a word that is not in a list: `did you mean 'stratum'?`, or all words of the list.
 *
 * @param are - what comes before all of them, e.g. `the reports are`
 */
export function adviceFor(word: string, words: readonly string[], are: string): string {
  const meant = suggestion(word, words);
  return meant === undefined ? `${are}: ${words.join(', ')}` : `did you mean '${meant}'?`;
}

/**
 * Refuses an object with a property that does not exist.
 *
 * @param where - the function that was given the object, e.g. `makeTracking()`
 * @param path - where the object is in what the function was given, e.g. `faults`; empty for all of it
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
