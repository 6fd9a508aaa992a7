/** The resources that watching many endpoints uses. */
import { atMost, type Benchmark, type Result, within } from './benchmark.ts';
import { withFleet } from './fleet.ts';
import { node, output } from './programs.ts';

/** The default of `intervalMs`. */
const INTERVAL_MS = 15_000;
const ROUNDS = 2;

/** The output of the program. */
interface Cost {
  /** The share of a core. */
  readonly core: number;
  /** The processor time per request, in microseconds. */
  readonly turn: number;
  /** The bytes per target at rest. */
  readonly bytes: number;
}

async function costOf(port: number, number: number): Promise<Cost> {
  const exposing = { ...node, args: ['--expose-gc'] };
  return JSON.parse(await output(exposing, 'watch-many', port, number, INTERVAL_MS, ROUNDS));
}

const SIZES = [100, 1000, 10_000];
const LIMIT = 4 * 1024;

export const watchMany: Benchmark = {
  name: 'watch-many',
  run: () =>
    withFleet(async (port) => {
      const costs: Cost[] = [];
      for (const size of SIZES) costs.push(await costOf(port, size));
      const [few, ...more] = costs;
      const most = costs.at(-1);
      if (few === undefined || most === undefined) throw new Error('nothing was measured');
      const runtime = node.name;
      return [
        atMost(0.1, { name: 'watch-many', ours: most.core, reference: 1, unit: 'cores', runtime }),
        ...more.map((cost, i): Result => {
          const name = `watch-many-growth-${SIZES[i + 1]}`;
          return atMost(1.5, { name, ours: cost.turn, reference: few.turn, unit: 'µs', runtime });
        }),
        within({ name: 'watch-many-memory', ours: most.bytes, reference: LIMIT, unit: 'bytes', runtime }),
      ];
    }),
};
