/** What a benchmark is, and what comes of it. */

/** A line of the table, and an entry of `results.json`. */
export interface Result {
  readonly name: string;
  /** What was measured, in `unit`; a median where there were many rounds. */
  readonly ours: number;
  /** What it is measured against, in the same run. */
  readonly reference: number;
  /** `ours` / `reference`, or the other way round where the reference is what to be faster than. */
  readonly ratio: number;
  /** What must hold, in words. */
  readonly target: string;
  /** Whether it does. */
  readonly pass: boolean;
  readonly unit: string;
  /** Where ours ran, e.g. `Node.js 20.20.2`. */
  readonly runtime: string;
}

export const NODE = `Node.js ${process.versions.node}`;

export interface Benchmark {
  readonly name: string;
  run(): Promise<readonly Result[]>;
}

/** What was measured, and where: a {@link Result} that nobody has judged yet. */
export type Measured = Pick<Result, 'name' | 'ours' | 'reference' | 'unit' | 'runtime'>;

/** Our time must be no more than so many of the reference's. */
export function atMost(limit: number, measured: Measured): Result {
  const ratio = measured.ours / measured.reference;
  return { ...measured, ratio, target: `at most ${limit.toFixed(2)}`, pass: ratio <= limit };
}

/** We must do no less than so many times as much as the reference. */
export function atLeast(limit: number, measured: Measured): Result {
  const ratio = measured.ours / measured.reference;
  return { ...measured, ratio, target: `at least ${limit.toFixed(2)}`, pass: ratio >= limit };
}

/** The reference must take at least so many times as long. */
export function fasterBy(factor: number, measured: Measured): Result {
  const ratio = measured.reference / measured.ours;
  return { ...measured, ratio, target: `at least ${factor} times faster`, pass: ratio >= factor };
}

/** We may take so much more than the reference does. */
export function atMostMore(limit: number, measured: Measured): Result {
  const { ours, reference, unit } = measured;
  return {
    ...measured,
    ratio: ours / reference,
    target: `at most ${limit} ${unit} more`,
    pass: ours - reference <= limit,
  };
}

/** The reference is the limit. */
export function within(measured: Measured): Result {
  const { ours, reference, unit } = measured;
  return {
    ...measured,
    ratio: ours / reference,
    target: `at most ${reference} ${unit}`,
    pass: ours <= reference,
  };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** A piece of work. It may return its own time, in milliseconds, where that is measured elsewhere. */
export type Work = () => unknown;

/**
 * The median time of each piece of work, in milliseconds. They take turns, so that whatever else the machine
 * does meets all of them alike, and each comes first as often as the others; the first rounds warm up and do not
 * count.
 */
export async function interleaved<Name extends string>(
  work: Readonly<Record<Name, Work>>,
  rounds: number,
  warmUp = 3,
): Promise<Readonly<Record<Name, number>>> {
  const names = Object.keys(work) as Name[];
  const times = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  for (let round = -warmUp; round < rounds; round++) {
    for (const name of names) {
      const start = performance.now();
      const own = await work[name]();
      const time = typeof own === 'number' ? own : performance.now() - start;
      if (round >= 0) times[name].push(time);
    }
    const [first] = names.splice(0, 1);
    if (first !== undefined) names.push(first);
  }
  return Object.fromEntries(names.map((name) => [name, median(times[name])])) as Record<Name, number>;
}
