/** Benchmarks and their results. */

/** A line of the table, and an entry of `results.json`. */
export interface Result {
  readonly name: string;
  /** The measured value in `unit`; a median if there were many rounds. */
  readonly ours: number;
  /** The value of the reference in the same run. */
  readonly reference: number;
  /** `ours` / `reference`, or the inverse if the target is a speedup over the reference. */
  readonly ratio: number;
  /** The target as text. */
  readonly target: string;
  /** Whether the target is met. */
  readonly pass: boolean;
  readonly unit: string;
  /** The runtime of the measured program, e.g. `Node.js 20.20.2`. */
  readonly runtime: string;
}

export const NODE = `Node.js ${process.versions.node}`;

export interface Benchmark {
  readonly name: string;
  run(): Promise<readonly Result[]>;
}

/** A {@link Result} without its target. */
export type Measured = Pick<Result, 'name' | 'ours' | 'reference' | 'unit' | 'runtime'>;

/** The value must be at most `limit` times the reference. */
export function atMost(limit: number, measured: Measured): Result {
  const ratio = measured.ours / measured.reference;
  return { ...measured, ratio, target: `at most ${limit.toFixed(2)}`, pass: ratio <= limit };
}

/** The value must be at least `limit` times the reference. */
export function atLeast(limit: number, measured: Measured): Result {
  const ratio = measured.ours / measured.reference;
  return { ...measured, ratio, target: `at least ${limit.toFixed(2)}`, pass: ratio >= limit };
}

/** The reference must take at least `factor` times as long. */
export function fasterBy(factor: number, measured: Measured): Result {
  const ratio = measured.reference / measured.ours;
  return { ...measured, ratio, target: `at least ${factor} times faster`, pass: ratio >= factor };
}

/** The value can exceed the reference by at most `limit`, in `unit`. */
export function atMostMore(limit: number, measured: Measured): Result {
  const { ours, reference, unit } = measured;
  return {
    ...measured,
    ratio: ours / reference,
    target: `at most ${limit} ${unit} more`,
    pass: ours - reference <= limit,
  };
}

/** The value must not exceed the reference, which is the limit. */
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

/** A piece of work. It can return its own time in milliseconds if it measures the time itself. */
export type Work = () => unknown;

/**
 * Returns the median time of each piece of work, in milliseconds. They take turns, so that other load on the machine
 * affects all of them equally, and each one comes first equally often. The first rounds are a warm-up and do not
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
