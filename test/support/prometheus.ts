/** A real Prometheus, and its promtool: Debian's, unpacked and never installed. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** The path of one of the package's programs. */
function program(name: 'prometheus' | 'promtool'): string {
  const folder = resolve('.cache/prometheus');
  execFileSync('test/support/unpack.sh', [folder, 'prometheus']);
  return join(folder, 'root/usr/bin', name);
}

/** What `promtool check metrics` has to say about a text: nothing, if all is well. */
export function checkMetrics(text: string): string {
  const options = { input: text, encoding: 'utf8' } as const;
  const { status, stdout, stderr } = spawnSync(program('promtool'), ['check', 'metrics'], options);
  return status === 0 ? stdout + stderr : `exit status ${status}: ${stdout}${stderr}`;
}

/** What `promtool check config` complains of in a configuration: nothing, if all is well. */
export function checkConfiguration(text: string): string {
  const dir = mkdtempSync(join(tmpdir(), 'prometheus-'));
  writeFileSync(join(dir, 'prometheus.yml'), text);
  const args = ['check', 'config', join(dir, 'prometheus.yml')];
  const { status, stdout, stderr } = spawnSync(program('promtool'), args, { encoding: 'utf8' });
  rmSync(dir, { recursive: true });
  return status === 0 ? '' : `exit status ${status}: ${stdout}${stderr}`;
}

async function freeTcpPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  await new Promise((closed) => server.close(closed));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
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

export class Prometheus implements AsyncDisposable {
  readonly #dir = mkdtempSync(join(tmpdir(), 'prometheus-'));
  readonly #process: ChildProcess;
  readonly #url: string;
  #output = '';

  private constructor(port: number, targets: Readonly<Record<string, string>>) {
    const jobs = Object.entries(targets).map(([name, target]) => {
      const { host, pathname } = new URL(target);
      return { job_name: name, metrics_path: pathname, static_configs: [{ targets: [host] }] };
    });
    // what is JSON is YAML, too
    writeFileSync(
      join(this.#dir, 'prometheus.yml'),
      JSON.stringify({ global: { scrape_interval: '1s', scrape_timeout: '1s' }, scrape_configs: jobs }),
    );
    this.#url = `http://127.0.0.1:${port}`;
    this.#process = spawn(
      program('prometheus'),
      [
        `--config.file=${join(this.#dir, 'prometheus.yml')}`,
        `--storage.tsdb.path=${join(this.#dir, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    process.once('exit', this.#kill);
    this.#process.stderr?.on('data', (text: Buffer) => {
      this.#output += text.toString();
    });
  }

  /** Scrapes these URLs once a second. It is ready when it has scraped each once. */
  static async start(targets: Readonly<Record<string, string>>): Promise<Prometheus> {
    const prometheus = new Prometheus(await freeTcpPort(), targets);
    try {
      for (const job of Object.keys(targets)) {
        await prometheus.until(async () => (await prometheus.query(`up{job="${job}"} == 1`)).length > 0);
      }
      return prometheus;
    } catch (error) {
      await prometheus[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** What it answers to a query for an instant. */
  async query(expression: string): Promise<readonly Queried[]> {
    const url = `${this.#url}/api/v1/query?${new URLSearchParams({ query: expression })}`;
    const answer = (await (await fetch(url)).json()) as Answer;
    if (answer.status !== 'success') throw new Error(`${expression}: ${JSON.stringify(answer)}`);
    return answer.data.result.map(({ metric, value: [, value] }) => ({
      labels: metric,
      value: Number(value),
    }));
  }

  /** Waits for a condition, looking ten times a second. */
  async until(condition: () => Promise<boolean>, timeoutMs = 60_000): Promise<void> {
    const end = Date.now() + timeoutMs;
    while (Date.now() < end && this.#process.exitCode === null) {
      if (await condition().catch(() => false)) return;
      await sleep(100);
    }
    throw new Error(`Prometheus did not get there in ${timeoutMs} ms; it said:\n${this.#output}`);
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
