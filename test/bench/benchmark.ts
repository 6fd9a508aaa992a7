/** What a benchmark is, and what comes of it. */

/** A line of the table, and an entry of `results.json`. */
export interface Result {
  readonly name: string;
  /** What was measured, in `unit`; a median where there were many rounds. */
  readonly ours: number;
  /** What it is measured against, in the same run. */
  readonly reference: number;
  /** `ours` / `reference`. */
  readonly ratio: number;
  /** What must hold, in words. */
  readonly target: string;
  /** Whether it does. */
  readonly pass: boolean;
  readonly unit: string;
  /** Where ours ran, e.g. `Node.js 20.20.2`. */
  readonly runtime: string;
}

export interface Benchmark {
  readonly name: string;
  run(): Promise<readonly Result[]>;
}

export const NODE = `Node.js ${process.versions.node}`;

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/**
 * The median time of each piece of work, in milliseconds. They take turns, so that whatever else the machine
 * does meets all of them alike; the first rounds warm up and do not count.
 */
export async function interleaved<Name extends string>(
  work: Readonly<Record<Name, () => unknown>>,
  rounds: number,
  warmUp = 3,
): Promise<Readonly<Record<Name, number>>> {
  const names = Object.keys(work) as Name[];
  const times = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  for (let round = -warmUp; round < rounds; round++) {
    for (const name of names) {
      const start = performance.now();
      await work[name]();
      if (round >= 0) times[name].push(performance.now() - start);
    }
  }
  return Object.fromEntries(names.map((name) => [name, median(times[name])])) as Record<Name, number>;
}
