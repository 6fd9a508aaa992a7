/** Asynchronous generators that end at once. */

/**
 * A generator whose `return()` aborts the controller: a generator itself hears of it only when it yields, which may be
 * a long pause away.
 */
export function stoppable<T>(
  values: AsyncGenerator<T, void, undefined>,
  stopping: AbortController,
): AsyncGenerator<T, void, undefined> {
  const { return: end } = values;
  values.return = (value) => {
    stopping.abort();
    return end.call(values, value);
  };
  return values;
}
