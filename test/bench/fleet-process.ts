/** The resources that the whole process of `chrony-wasm fleet --listen` uses. */
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { FleetPage, ManyClocks, TargetsFile } from '../integration/server/fleet/support.ts';
import { Serving } from '../integration/server/serving.ts';
import { atMost, type Benchmark, NODE, type Result, within } from './benchmark.ts';

/** The default of `--interval`. */
const INTERVAL_S = 15;
const ROUNDS = 3;
/**
 * After 100 s, each of 10 000 clocks was queried for its sources; the next query follows after 150 to 300 s. At this time,
 * the slower round has about its average load, and a viewer connects when its load is highest.
 */
const WARM_UP_S = 180;
const SIZES = [100, 1000, 10_000];
const LARGEST = 10_000;
/** The number of targets of the small fleet that is the baseline of the memory per target. */
const FEW = 10;
const DEAD_SHARE = 0.1;
const CORE_LIMIT = 0.1;
const BYTES_LIMIT = 4 * 1024;
/** The interval at which the clocks count as at rest. */
const REST_INTERVAL_S = 86_400;

/** A fleet, and its process. */
class FleetProcess implements AsyncDisposable {
  readonly clocks: ManyClocks;
  readonly serving: Serving;
  readonly #file: TargetsFile;

  private constructor(clocks: ManyClocks, serving: Serving, file: TargetsFile) {
    this.clocks = clocks;
    this.serving = serving;
    this.#file = file;
  }

  static async start(size: number, dead = 0, intervalS = INTERVAL_S): Promise<FleetProcess> {
    const clocks = await ManyClocks.start('sources', 'counted');
    const silent = clocks.silent(dead);
    const answering = clocks.targets(size - dead);
    // dead targets are spread over the list, as over the addresses of a site
    const gap = answering.length / Math.max(1, dead);
    const lines = silent.flatMap((each, i) => [each, ...answering.slice(i * gap, (i + 1) * gap)]);
    const file = new TargetsFile((dead === 0 ? answering : lines).join('\n'));
    const args = ['--interval', String(intervalS), '--targets', file.path];
    const serving = await Serving.start({ program: 'dist/cli.cjs', command: 'fleet' }, ...args);
    return new FleetProcess(clocks, serving, file);
  }

  #read(name: string): string {
    return readFileSync(`/proc/${this.serving.pid}/${name}`, 'utf8');
  }

  /** The processor time used so far, in seconds. */
  get #cpuS(): number {
    // the fields after the name of the program, which can contain spaces
    const [, fields = ''] = /\) (.*)/.exec(this.#read('stat')) ?? [];
    const [user, system] = fields.split(' ').slice(11, 13).map(Number);
    return (Number(user) + Number(system)) / TICKS;
  }

  /** The resident memory, in bytes. */
  get memory(): number {
    const [, kib] = /^VmRSS:\s*(\d+) kB$/m.exec(this.#read('status')) ?? [];
    return Number(kib) * 1024;
  }

  /** The number of open descriptors, including sockets. */
  get descriptors(): number {
    return readdirSync(`/proc/${this.serving.pid}/fd`).length;
  }

  /** Measures the share of a core that the process uses. */
  async cores(): Promise<number> {
    const before = this.#cpuS;
    const start = performance.now();
    await sleep(1000 * INTERVAL_S * ROUNDS);
    return (1000 * (this.#cpuS - before)) / (performance.now() - start);
  }

  /** Measures the share of a core while a page is open and reads each event. */
  async coresWithViewer(): Promise<number> {
    await using page = await FleetPage.open(this.serving.url);
    const taking = page.until(() => false).catch((error: unknown) => error);
    await sleep(1000 * INTERVAL_S);
    const cores = await this.cores();
    if (page.rows.size !== page.clock?.targets) throw new Error(`the page has ${page.rows.size} rows only`);
    page.response.destroy();
    await taking;
    return cores;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.serving[Symbol.asyncDispose]();
    this.#file[Symbol.dispose]();
    await this.clocks[Symbol.asyncDispose]();
  }
}

/** Clock ticks per second on Linux. */
const TICKS = 100;

/** The measured values of a fleet. */
interface Cost {
  readonly cores: number;
  readonly coresWithViewer: number;
  /** Requests per tenth of a second: the maximum / the mean. */
  readonly spread: number;
  readonly descriptors: number;
  readonly memory: number;
}

async function costOf(size: number, dead = 0): Promise<Cost> {
  await using fleet = await FleetProcess.start(size, dead);
  const { arrivals } = fleet.clocks;
  await sleep(1000 * WARM_UP_S);
  arrivals.length = 0;
  const cores = await fleet.cores();
  const spread = Math.max(...arrivals) / (arrivals.reduce((sum, count) => sum + count, 0) / arrivals.length);
  const { descriptors, memory } = fleet;
  return { cores, spread, descriptors, memory, coresWithViewer: await fleet.coresWithViewer() };
}

/** The resident memory after all clocks have been queried and no query is under way. */
async function memoryAtRest(size: number): Promise<number> {
  await using fleet = await FleetProcess.start(size, 0, REST_INTERVAL_S);
  await sleep(1000 * WARM_UP_S);
  return fleet.memory;
}

const inCores = { reference: 1, unit: 'cores', runtime: NODE };
const inBytes = { reference: BYTES_LIMIT, unit: 'bytes', runtime: NODE };

export const fleetProcess: Benchmark = {
  name: 'fleet-process',
  async run() {
    const few = await costOf(FEW);
    const all = await costOf(LARGEST);
    const memory = (all.memory - few.memory) / (LARGEST - FEW);
    const sockets = all.descriptors - few.descriptors;
    return [
      atMost(CORE_LIMIT, { name: 'fleet-process', ours: all.cores, ...inCores }),
      atMost(CORE_LIMIT, { name: 'fleet-process-viewer', ours: all.coresWithViewer, ...inCores }),
      atMost(2, { name: 'fleet-process-spread', ours: all.spread, reference: 1, unit: '', runtime: NODE }),
      atMost(0.01, {
        name: 'fleet-process-sockets',
        ours: sockets,
        reference: LARGEST,
        unit: '',
        runtime: NODE,
      }),
      within({ name: 'fleet-process-memory', ours: memory, ...inBytes }),
    ];
  },
};

export const fleetProcessDead: Benchmark = {
  name: 'fleet-process-dead',
  async run() {
    const { cores, coresWithViewer } = await costOf(LARGEST, DEAD_SHARE * LARGEST);
    return [
      atMost(CORE_LIMIT, { name: 'fleet-process-dead', ours: cores, ...inCores }),
      atMost(CORE_LIMIT, { name: 'fleet-process-dead-viewer', ours: coresWithViewer, ...inCores }),
    ];
  },
};

export const fleetProcessRest: Benchmark = {
  name: 'fleet-process-rest',
  async run() {
    const bytes = ((await memoryAtRest(LARGEST)) - (await memoryAtRest(FEW))) / (LARGEST - FEW);
    return [within({ name: 'fleet-process-rest', ours: bytes, ...inBytes })];
  },
};

/** The processor time per target in small and large fleets; linear growth is a ratio of 1. */
export const fleetProcessGrowth: Benchmark = {
  name: 'fleet-process-growth',
  async run() {
    const each: number[] = [];
    for (const size of SIZES) each.push((1e6 * INTERVAL_S * (await costOf(size)).cores) / size);
    const [reference = Number.NaN] = each;
    return each.slice(1).map((ours, i): Result => {
      const name = `fleet-process-growth-${SIZES[i + 1]}`;
      return atMost(1.5, { name, ours, reference, unit: 'µs', runtime: NODE });
    });
  },
};
