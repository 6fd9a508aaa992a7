/** Generates load with scrapers and viewers, and measures memory and CPU time. */
import { readFileSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { Events } from './events.ts';
import { cpuOf } from './hostile-clients.ts';
import { clientAddress, type Serving } from './serving.ts';

export interface LoadOptions {
  readonly seconds: number;
  /** The number of scrapes per second. */
  readonly scrapes: number;
  readonly viewers: number;
}

export interface Load {
  readonly scrapes: number;
  /** The number of scrapes without metrics as the reply. */
  readonly failures: number;
  /** The number of updates of the viewer with the fewest, and of the viewer with the most. */
  readonly updates: readonly [least: number, most: number];
  /** The server's memory after a tenth of the time, its maximum, and at the end, in bytes. */
  readonly memory: readonly [early: number, most: number, late: number];
  /** CPU usage as a fraction of one core. */
  readonly cpu: number;
}

function memoryOf(pid: number): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}

/** Returns whether the reply had the status 200. */
function scrape(url: string, agent: Agent): Promise<boolean> {
  return new Promise((resolve) => {
    const pending = get(
      url,
      { agent, localAddress: '127.0.0.9', headers: { 'accept-encoding': 'gzip' } },
      (response) => {
        response.resume();
        response.on('end', () => resolve(response.statusCode === 200));
        response.on('error', () => resolve(false));
      },
    );
    pending.on('error', () => resolve(false));
  });
}

async function countUpdates(events: Events): Promise<number> {
  for (let updates = 0; ; ) {
    const message = await events.next().catch(() => null);
    if (message === null) return updates;
    if (message.event === 'update') updates++;
  }
}

export async function load(serving: Serving, { seconds, scrapes, viewers }: LoadOptions): Promise<Load> {
  // more connections than a scraper has
  const agent = new Agent({ keepAlive: true, maxSockets: 30 });
  const url = new URL('/metrics', serving.url).href;
  const watching = await Promise.all(
    Array.from({ length: viewers }, (_, i) => Events.open(serving.url, { from: clientAddress(i) })),
  );
  const counting = watching.map(countUpdates);
  const start = performance.now();
  const cpuBefore = cpuOf(serving.pid);
  const elapsed = (): number => (performance.now() - start) / 1000;
  const taken: Promise<boolean>[] = [];
  const memory: number[] = [];
  while (elapsed() < seconds) {
    while (taken.length < elapsed() * scrapes) taken.push(scrape(url, agent));
    if (memory.length < (elapsed() / seconds) * 100) memory.push(memoryOf(serving.pid));
    await sleep(5);
  }
  const answered = await Promise.all(taken);
  const cpu = (cpuOf(serving.pid) - cpuBefore) / elapsed();
  for (const events of watching) await events[Symbol.asyncDispose]();
  agent.destroy();
  const updates = (await Promise.all(counting)).toSorted((a, b) => a - b);
  return {
    scrapes: answered.length,
    failures: answered.filter((isAnswered) => !isAnswered).length,
    updates: [updates[0] ?? 0, updates.at(-1) ?? 0],
    memory: [memory[Math.floor(memory.length / 10)] ?? 0, Math.max(...memory), memory.at(-1) ?? 0],
    cpu,
  };
}
