/** A scrape of `serve` and the memory of its process, compared with a minimal server for the same task. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Serving } from '../integration/server/serving.ts';
import { Chronyd } from '../support/chronyd.ts';
import { tied } from '../support/tied.ts';
import { NEWEST } from '../system/versions/suites.ts';
import { atMost, type Benchmark, interleaved, NODE } from './benchmark.ts';
import { repeat } from './programs/report.ts';

/** The reports that chrony_exporter requests. */
const REPORTS = 'tracking,sources,sourcestats,ntpdata,serverstats';
/** The number of requests for these reports with four named sources; verified in test/integration/server/silence.test.ts. */
const REQUESTS = 16;
/** The number of scrapes per round. */
const SCRAPES = 20;
const ROUNDS = 101;
/** As many scrapes as in half a day at one every 15 s, so that the runtime has compiled the hot code. */
const WARM_UP = 150;
/** The number of scrapes that follow a pause. */
const RARE_ROUNDS = 21;
const PAUSE_MS = 1000;

/** A persistent connection like the one of Prometheus, with a minimal client so that it hardly affects the measurement. */
class Scraper implements AsyncDisposable {
  readonly #pid: number;
  readonly #socket: Socket;
  readonly #stop: () => unknown;

  private constructor(socket: Socket, pid: number, stop: () => unknown) {
    this.#socket = socket;
    this.#pid = pid;
    this.#stop = stop;
  }

  /** @param stop - ends the server */
  static async of(port: number, pid: number, stop: () => unknown): Promise<Scraper> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    await once(socket, 'connect');
    return new Scraper(socket, pid, stop);
  }

  /** Scrapes once; returns the number of bytes of the body. */
  async scrape(): Promise<number> {
    this.#socket.write('GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n');
    let received: Buffer = Buffer.alloc(0);
    for (;;) {
      const [bytes] = (await once(this.#socket, 'data')) as [Buffer];
      received = received.length === 0 ? bytes : Buffer.concat([received, bytes]);
      const head = received.subarray(0, received.indexOf('\r\n\r\n') + 4).toString();
      const length = Number(/content-length: (\d+)/i.exec(head)?.[1]);
      if (!head.startsWith('HTTP/1.1 200 ')) throw new Error(`a scrape was answered with ${head}`);
      if (received.length === head.length + length) return length;
    }
  }

  /** The resident memory of the server, in bytes. */
  get memory(): number {
    const [, kib] = /^VmRSS:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${this.#pid}/status`, 'utf8')) ?? [];
    return Number(kib) * 1024;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy();
    await this.#stop();
  }
}

async function startOurs(chronyd: Chronyd): Promise<Scraper> {
  const command = {
    program: 'dist/cli.cjs',
    flags: ['--require', './test/bench/programs/second-passes.cjs'],
  };
  const serving = await Serving.start(command, '-h', chronyd.address, '--reports', REPORTS);
  return Scraper.of(serving.port, serving.pid, () => serving[Symbol.asyncDispose]());
}

async function startRaw(chronyd: Chronyd, bytes: number): Promise<Scraper> {
  const args = ['build/programs/raw-server.js', chronyd.commandPort, REQUESTS, bytes].map(String);
  const child = spawn(...tied(process.execPath, ...args), { stdio: ['ignore', 'pipe', 'inherit'] });
  const [port] = await once(child.stdout, 'data');
  return Scraper.of(Number(port), child.pid ?? 0, () => {
    const ended = once(child, 'exit');
    child.kill();
    return ended;
  });
}

/** The milliseconds of a scrape after a pause. */
async function rareScrape(scraper: Scraper): Promise<number> {
  await sleep(PAUSE_MS);
  const start = performance.now();
  await scraper.scrape();
  return performance.now() - start;
}

export const scrape: Benchmark = {
  name: 'scrape',
  async run() {
    await using server = await Chronyd.start({ config: ['local stratum 1'], serve: true });
    await using chronyd = await Chronyd.start({
      // the newest chronyd can give all of these reports over UDP
      suite: NEWEST,
      config: [
        `server 127.0.0.1 port ${server.ntpPort} iburst`,
        // addresses without a server
        ...[2, 3, 4].map((n) => `server 127.0.0.${n} port 9`),
        `opencommands sourcename ${REPORTS.replaceAll(',', ' ')}`,
      ],
    });
    await chronyd.untilSynchronized();
    await using ours = await startOurs(chronyd);
    await using raw = await startRaw(chronyd, await ours.scrape());
    await raw.scrape();
    const memory = () => ({ ours: ours.memory, reference: raw.memory, unit: 'bytes', runtime: NODE });
    const atStart = memory();
    const round = (scraper: Scraper) => repeat(SCRAPES, () => scraper.scrape());
    const often = await interleaved({ ours: round(ours), raw: round(raw) }, ROUNDS, WARM_UP);
    const atEnd = memory();
    const rare = await interleaved({ ours: () => rareScrape(ours), raw: () => rareScrape(raw) }, RARE_ROUNDS);
    const time = { unit: 'µs', runtime: NODE };
    const each = 1000 / SCRAPES;
    return [
      atMost(1.3, { name: 'scrape', ours: often.ours * each, reference: often.raw * each, ...time }),
      atMost(1.3, { name: 'scrape-rare', ours: rare.ours * 1000, reference: rare.raw * 1000, ...time }),
      atMost(1.25, { name: 'scrape-memory', ...atEnd }),
      atMost(1.25, { name: 'scrape-memory-start', ...atStart }),
    ];
  },
};
