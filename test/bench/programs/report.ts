/** Helpers with which a program repeats its work and reports the times to the benchmark. */

/** Returns a function that does the work `times` times, one after the other. */
export function repeat(times: number, work: () => unknown): () => Promise<void> {
  return async () => {
    for (let i = 0; i < times; i++) await work();
  };
}

/** Prints the microseconds per item, given the milliseconds for `number` items. */
export function print(times: Readonly<Record<string, number>>, number: number): void {
  const each = Object.entries(times).map(([name, ms]) => [name, (ms * 1000) / number]);
  process.stdout.write(`${JSON.stringify(Object.fromEntries(each))}\n`);
}
