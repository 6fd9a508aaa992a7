/** A real Prometheus, and its promtool: Debian's, unpacked and never installed. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { run } from '../system/package/support/run.ts';
import { freePort } from './ports.ts';
import { type Child, spawn } from './spawn.ts';
import { tied } from './tied.ts';

/** Less than a test may take, so as to say what it is. */
const HANG_MS = 100_000;

let unpacked: string | undefined;

/** The path of one of the package's programs. */
function program(name: 'prometheus' | 'promtool'): string {
  if (unpacked === undefined) {
    const folder = resolve('.cache/prometheus');
    execFileSync('test/support/unpack.sh', [folder, 'prometheus']);
    unpacked = folder;
  }
  return join(unpacked, 'root/usr/bin', name);
}

/** What promtool complains of. */
async function promtool(...args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await run(program('promtool'), args);
  return status === 0 ? '' : `exit status ${status}: ${stdout}${stderr}`;
}

/** The same of a text, as a file of that name. */
async function promtoolOf(name: string, text: string, ...args: readonly string[]): Promise<string> {
  const dir = mkdtempSync(join(tmpdir(), 'prometheus-'));
  writeFileSync(join(dir, name), text);
  return promtool(...args, join(dir, name)).finally(() => rmSync(dir, { recursive: true }));
}

/** What `promtool check metrics` has to say about a text: nothing, if all is well. */
export async function checkMetrics(text: string): Promise<string> {
  const dir = mkdtempSync(join(tmpdir(), 'prometheus-'));
  writeFileSync(join(dir, 'metrics'), text);
  const script = 'exec "$0" check metrics <"$1"';
  const { status, stdout, stderr } = await run('sh', [
    '-c',
    script,
    program('promtool'),
    join(dir, 'metrics'),
  ]).finally(() => rmSync(dir, { recursive: true }));
  return status === 0 ? stdout + stderr : `exit status ${status}: ${stdout}${stderr}`;
}

/** What `promtool check config` complains of in a configuration: nothing, if all is well. */
export function checkConfiguration(text: string): Promise<string> {
  return promtoolOf('prometheus.yml', text, 'check', 'config');
}

/** What `promtool` complains of in a web configuration: nothing, if all is well. */
export function checkWebConfig(path: string): Promise<string> {
  return promtool('check', 'web-config', path);
}

/** What `promtool check rules` complains of in files of rules: nothing, if all is well. */
export function checkRules(...paths: readonly string[]): Promise<string> {
  return promtool('check', 'rules', ...paths);
}

/** What `promtool test rules` says of tests that fail: nothing, if all pass. @param tests - the content of a test file */
export function testRules(tests: object): Promise<string> {
  // what is JSON is YAML, too
  return promtoolOf('tests.yml', JSON.stringify(tests), 'test', 'rules');
}

/** A sample of the last scrape. */
export interface Queried {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

interface Answer {
  readonly status: string;
  readonly data: {
    readonly result: readonly {
      readonly metric: Readonly<Record<string, string>>;
      readonly value: readonly [time: number, value: string];
    }[];
  };
}

/** What is scraped, and how: more of a `scrape_config`, such as `basic_auth` or `tls_config`. */
export interface Scraped {
  readonly url: string;
  readonly config: Readonly<Record<string, unknown>>;
}

/** An alert that is pending or fires. */
export interface Alert {
  readonly state: 'pending' | 'firing';
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export class Prometheus implements AsyncDisposable {
  readonly #dir = mkdtempSync(join(tmpdir(), 'prometheus-'));
  readonly #process: Child;
  readonly #url: string;
  /** Of each job, when it was scraped well: later scrapes may fail. */
  readonly #scraped = new Map<string, number>();
  #output = '';

  private constructor(
    port: number,
    targets: Readonly<Record<string, string | Scraped>>,
    under: readonly string[],
    rules: readonly string[],
  ) {
    const jobs = Object.entries(targets).map(([name, target]) => {
      const { url, config } = typeof target === 'string' ? { url: target, config: {} } : target;
      const { host, pathname, protocol } = new URL(url);
      const place = { metrics_path: pathname, static_configs: [{ targets: [host] }] };
      return { job_name: name, scheme: protocol.slice(0, -1), ...place, ...config };
    });
    // what is JSON is YAML, too
    writeFileSync(
      join(this.#dir, 'prometheus.yml'),
      JSON.stringify({
        global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
        scrape_configs: jobs,
        rule_files: rules,
      }),
    );
    this.#url = `http://127.0.0.1:${port}`;
    const flags = [
      `--config.file=${join(this.#dir, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(this.#dir, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ];
    const [first = '', ...others] = [...under, program('prometheus'), ...flags];
    this.#process = spawn(...tied(first, ...others), { stdio: ['ignore', 'ignore', 'pipe'] });
    process.once('exit', this.#kill);
    this.#process.stderr?.on('data', (text: Buffer) => {
      this.#output += text.toString();
    });
  }

  /**
   * Scrapes these URLs once a second. It is ready when it has scraped each once, with chronyd's answers.
   *
   * @param under - a program that runs another, with its arguments
   * @param rules - the absolute paths of files of rules
   */
  static async start(
    targets: Readonly<Record<string, string | Scraped>>,
    under: readonly string[] = [],
    rules: readonly string[] = [],
  ): Promise<Prometheus> {
    const prometheus = new Prometheus(await freePort(), targets, under, rules);
    try {
      for (const job of Object.keys(targets)) {
        await prometheus.#until(async () => {
          const [sample] = await prometheus.ask(`timestamp(chrony_up{job="${job}"} == 1)`);
          if (sample !== undefined) prometheus.#scraped.set(job, sample.value);
          return sample !== undefined;
        });
      }
      return prometheus;
    } catch (error) {
      await prometheus[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** What it has of a metric of a job, as it was scraped first. @param condition - e.g. `> 0` */
  query(job: string, metric: string, condition = ''): Promise<readonly Queried[]> {
    return this.ask(`${metric}{job="${job}"} ${condition}`, this.#scraped.get(job));
  }

  /** The alerts that are pending or fire now. */
  async alerts(): Promise<readonly Alert[]> {
    const answer = (await (await fetch(`${this.#url}/api/v1/alerts`)).json()) as {
      readonly data: { readonly alerts: readonly Alert[] };
    };
    return answer.data.alerts;
  }

  /** The value of an expression, now or at a time in seconds since the epoch. */
  async ask(expression: string, time?: number): Promise<readonly Queried[]> {
    const moment = time === undefined ? {} : { time: String(time) };
    const url = `${this.#url}/api/v1/query?${new URLSearchParams({ query: expression, ...moment })}`;
    const answer = (await (await fetch(url)).json()) as Answer;
    if (answer.status !== 'success') throw new Error(`${expression}: ${JSON.stringify(answer)}`);
    return answer.data.result.map(({ metric, value: [, value] }) => ({
      labels: metric,
      value: Number(value),
    }));
  }

  /** Waits for a condition, looking ten times a second. */
  async #until(condition: () => Promise<boolean>): Promise<void> {
    const end = performance.now() + HANG_MS;
    while (performance.now() < end && this.#process.exitCode === null) {
      if (await condition().catch(() => false)) return;
      await sleep(100);
    }
    throw new Error(`Prometheus did not get there in ${HANG_MS} ms; it said:\n${this.#output}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    process.off('exit', this.#kill);
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      const exited = new Promise((resolve) => this.#process.once('exit', resolve));
      this.#process.kill('SIGKILL');
      await exited;
    }
    rmSync(this.#dir, { recursive: true, force: true });
  }

  readonly #kill = (): void => {
    this.#process.kill('SIGKILL');
    rmSync(this.#dir, { recursive: true, force: true });
  };
}
