/**
 * `make soak`: a million queries on one connection to a real chronyd. Memory, descriptors, listeners and latency must
 * be the same at the end as at the beginning. Prints and writes the figures; fails if one is out of bounds.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { ChronyConnection } from '../../../src/index.ts';
import { Chronyd } from '../../support/chronyd.ts';
import { type Figure, grouped, writeFigures } from '../../support/figures.ts';
import { type Holdings, holdings } from '../../support/holdings.ts';

const QUERIES = Number(process.env['SOAK_QUERIES'] ?? 1_000_000);
/** The number of samples of the held resources. */
const SAMPLES = 200;
/** The samples to ignore at the beginning, since the initial growth of a process is not a leak. */
const WARM_UP = SAMPLES / 10;

/** In bytes per 1000 queries, i.e. one megabyte per million queries. More than this is not noise. */
const LARGEST_SLOPE = 1000;
/**
 * The largest ratio of the latencies at the end and at the beginning. The fast queries are compared, since other load on
 * the machine makes queries slower and never faster.
 */
const LARGEST_DRIFT = 1.5;
const FAST = 0.1;

interface Sample extends Holdings {
  readonly query: number;
  readonly rss: number;
}

const { gc } = globalThis;
if (gc === undefined) throw new Error('run it with --expose-gc');

async function sample(query: number): Promise<Sample> {
  await turn();
  gc?.();
  return { query, rss: process.memoryUsage.rss(), ...holdings() };
}

/** The slope of the least-squares line. */
function slope(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
  const x = mean(points.map(([each]) => each));
  const y = mean(points.map(([, each]) => each));
  const covariance = mean(points.map(([px, py]) => (px - x) * (py - y)));
  return covariance / mean(points.map(([px]) => (px - x) ** 2));
}

function quantile(values: Float32Array, part: number): number {
  return values.slice().sort()[Math.floor(values.length * part)] ?? Number.NaN;
}

const failures: string[] = [];
function check(holds: boolean, what: string): void {
  if (!holds) failures.push(what);
}

async function soak(transport: string, address: string, queries: number): Promise<Figure[]> {
  const before = holdings();
  const chrony = await ChronyConnection.open(address);
  const asks = [
    () => chrony.getTracking(),
    () => chrony.getActivity(),
    () => chrony.getReport('tracking'),
    () => chrony.getSmoothing(),
  ];
  const samples: Sample[] = [];
  // filled, so that its memory is allocated from the beginning
  const latencies = new Float32Array(queries).fill(Number.NaN);
  const every = queries / SAMPLES;
  for (let query = 0; query < queries; query++) {
    const start = performance.now();
    await asks[query % asks.length]?.();
    latencies[query] = performance.now() - start;
    if ((query + 1) % every === 0) samples.push(await sample(query + 1));
  }
  await chrony.close();
  await turn();
  const after = holdings();

  const steady = samples.slice(WARM_UP);
  const [first] = steady;
  const last = steady.at(-1);
  if (first === undefined || last === undefined) throw new Error('there are no samples');
  const perThousand = slope(steady.map(({ query, rss }) => [query / 1000, rss]));
  const tenth = queries / 10;
  const drift = (part: number): number =>
    quantile(latencies.subarray(-tenth), part) / quantile(latencies.subarray(0, tenth), part);
  const most = (of: (sample: Sample) => number): number => Math.max(...steady.map(of)) - of(first);
  const descriptors = Math.max(
    most((s) => s.descriptors),
    after.descriptors - before.descriptors,
  );
  const listeners = Math.max(
    most((s) => s.listeners),
    after.listeners - before.listeners,
  );

  check(
    perThousand < LARGEST_SLOPE,
    `over ${transport}, memory grows by ${perThousand} bytes per 1000 queries`,
  );
  check(descriptors <= 0, `over ${transport}, ${descriptors} descriptors are left`);
  check(listeners <= 0, `over ${transport}, ${listeners} listeners are left`);
  check(
    drift(FAST) < LARGEST_DRIFT,
    `over ${transport}, queries take ${drift(FAST)} times as long at the end`,
  );

  const command = 'make soak';
  const on = `${grouped(queries)} queries on one connection over ${transport}`;
  const megabytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);
  return [
    {
      what: `memory (RSS) in ${on}`,
      figure:
        `${Math.round(perThousand)} bytes per 1000 queries (least squares after the first tenth; ` +
        `${megabytes(first.rss)} MiB then, ${megabytes(last.rss)} MiB at the end)`,
      command,
    },
    {
      what: `descriptors and listeners left by ${on}`,
      figure: `${descriptors} and ${listeners}`,
      command,
    },
    {
      what: `time of a query, last tenth / first tenth, in ${on}`,
      figure: `${drift(0.5).toFixed(2)} by the medians, ${drift(FAST).toFixed(2)} by the fastest tenth`,
      command,
    },
  ];
}

await using chronyd = await Chronyd.start({ config: ['local stratum 7', 'smoothtime 400 0.01'] });
const figures = [
  ...(await soak('UDP', chronyd.address, QUERIES)),
  ...(await soak('a Unix socket', chronyd.socketPath, QUERIES / 5)),
];
writeFigures('soak', figures);
for (const failure of failures) console.error(`FAILED: ${failure}`);
process.exitCode = failures.length === 0 ? 0 : 1;
