/** A real Prometheus and its promtool, from Debian; unpacked, not installed. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { run } from '../system/package/support/run.ts';
import { freePort } from './ports.ts';
import { type Child, spawn } from './spawn.ts';
import { tied } from './tied.ts';

/** Shorter than the test timeout, so that the error names the cause. */
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

/** The errors that promtool reports; empty on success. */
async function promtool(...args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await run(program('promtool'), args);
  return status === 0 ? '' : `exit status ${status}: ${stdout}${stderr}`;
}

/** The same for a text, which is written to a file of that name. */
async function promtoolOf(name: string, text: string, ...args: readonly string[]): Promise<string> {
  const dir = mkdtempSync(join(tmpdir(), 'prometheus-'));
  writeFileSync(join(dir, name), text);
  return promtool(...args, join(dir, name)).finally(() => rmSync(dir, { recursive: true }));
}

/** The output of `promtool check metrics` for a text; empty if it is valid. */
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

/** The errors of `promtool check config` for a configuration; empty if it is valid. */
export function checkConfiguration(text: string): Promise<string> {
  return promtoolOf('prometheus.yml', text, 'check', 'config');
}

/** The errors of `promtool check web-config` for a file; empty if it is valid. */
export function checkWebConfig(path: string): Promise<string> {
  return promtool('check', 'web-config', path);
}

/** The errors of `promtool check rules` for rule files; empty if they are valid. */
export function checkRules(...paths: readonly string[]): Promise<string> {
  return promtool('check', 'rules', ...paths);
}

/**
 * The failures of `promtool test rules`; empty if all tests pass.
 *
 * @param tests - the content of a test file
 */
export function testRules(tests: object): Promise<string> {
  // JSON is valid YAML
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

/** A scrape target, with additional `scrape_config` settings such as `basic_auth` or `tls_config`. */
export interface Scraped {
  readonly url: string;
  readonly config: Readonly<Record<string, unknown>>;
}

/** A pending or firing alert. */
export interface Alert {
  readonly state: 'pending' | 'firing';
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export class Prometheus implements AsyncDisposable {
  readonly #dir = mkdtempSync(join(tmpdir(), 'prometheus-'));
  readonly #process: Child;
  readonly #url: string;
  /** The time of the first successful scrape of each job; later scrapes may fail. */
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
    // JSON is valid YAML
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
   * Starts a Prometheus that scrapes these URLs once a second. Waits until each has been scraped once with data
   * from chronyd.
   *
   * @param under - a wrapper program that runs Prometheus, with its arguments
   * @param rules - the absolute paths of rule files
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

  /**
   * The samples of a job's metric at its first successful scrape.
   *
   * @param condition - e.g. `> 0`
   */
  query(job: string, metric: string, condition = ''): Promise<readonly Queried[]> {
    return this.ask(`${metric}{job="${job}"} ${condition}`, this.#scraped.get(job));
  }

  /** The alerts that are pending or firing now. */
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

  /** Waits for a condition, which is checked ten times a second. */
  async #until(condition: () => Promise<boolean>): Promise<void> {
    const end = performance.now() + HANG_MS;
    while (performance.now() < end && this.#process.exitCode === null) {
      if (await condition().catch(() => false)) return;
      await sleep(100);
    }
    throw new Error(
      `Prometheus did not meet the condition within ${HANG_MS} ms; its output:\n${this.#output}`,
    );
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
