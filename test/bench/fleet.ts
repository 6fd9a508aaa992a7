/** Many endpoints, and many connections. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Chronyd } from '../support/chronyd.ts';
import { build } from '../system/native/build.ts';
import { atLeast, atMost, type Benchmark, median, type Result, within } from './benchmark.ts';
import { node, output, times } from './programs.ts';

const CONCURRENCY = 100;

/** Runs a fleet that answers on every address of 127.0.0.0/8, except 127.255.0.0/16. */
export async function withFleet<T>(ask: (port: number) => Promise<T>): Promise<T> {
  const fleet = spawn(await build('fleet', 'gcc'), { stdio: ['pipe', 'pipe', 'inherit'] });
  try {
    const [port] = await once(fleet.stdout, 'data');
    return await ask(Number(port));
  } finally {
    fleet.stdin.end();
    await once(fleet, 'exit');
  }
}

/** Returns the microseconds per endpoint for `number` endpoints. */
function timesOf(port: number, number: number, rounds: number) {
  return times<'ours' | 'raw'>(node, 'fleet', port, number, CONCURRENCY, rounds);
}

export const fleet: Benchmark = {
  name: 'fleet',
  async run() {
    const { ours, raw } = await withFleet((port) => timesOf(port, 1000, 41));
    return [
      atLeast(0.9, {
        name: 'fleet',
        ours: 1e6 / ours,
        reference: 1e6 / raw,
        unit: '/s',
        runtime: node.name,
      }),
    ];
  },
};

const SIZES = [10, 100, 1000, 10_000];
const LARGEST = 10_000;

/** The time per endpoint in small and large fleets; linear growth is a ratio of 1. */
export const fleetGrowth: Benchmark = {
  name: 'fleet-growth',
  run: () =>
    withFleet(async (port) => {
      const each: number[] = [];
      for (const size of SIZES) each.push((await timesOf(port, size, Math.max(5, LARGEST / size / 5))).ours);
      const [, reference = Number.NaN] = each;
      return each.map((ours, i): Result => {
        const name = `fleet-growth-${SIZES[i]}`;
        return atMost(1.5, { name, ours, reference, unit: 'µs', runtime: node.name });
      });
    }),
};

const CONNECTIONS = 1000;
const LIMIT = 20 * 1024;

export const fleetMemory: Benchmark = {
  name: 'fleet-memory',
  async run() {
    await using chronyd = await Chronyd.start({ config: ['local stratum 5'] });
    const exposing = { ...node, args: ['--expose-gc'] };
    const bytes = async (which: string): Promise<number> => {
      const runs: number[] = [];
      for (let i = 0; i < 5; i++) {
        runs.push(Number(await output(exposing, 'connections', which, chronyd.commandPort, CONNECTIONS)));
      }
      return median(runs);
    };
    const measured = { reference: LIMIT, unit: 'bytes', runtime: node.name };
    return [
      within({ name: 'fleet-memory', ours: await bytes('ours'), ...measured }),
      // the memory of the sockets alone
      within({ name: 'fleet-memory-raw', ours: await bytes('raw'), ...measured }),
    ];
  },
};
