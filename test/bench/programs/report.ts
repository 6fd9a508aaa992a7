/** How a program does its work and tells the benchmark, which runs it, what came of it. */

/** So many times one after the other. */
export function repeat(times: number, work: () => unknown): () => Promise<void> {
  return async () => {
    for (let i = 0; i < times; i++) await work();
  };
}

/** Prints the microseconds that one takes, of the milliseconds that so many took. */
export function print(times: Readonly<Record<string, number>>, number: number): void {
  const each = Object.entries(times).map(([name, ms]) => [name, (ms * 1000) / number]);
  process.stdout.write(`${JSON.stringify(Object.fromEntries(each))}\n`);
}
