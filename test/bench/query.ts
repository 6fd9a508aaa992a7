/** The cost of a query, compared with its bare socket and with other ways to query chronyd. */

import { installedChronyc } from '../support/chronyc.ts';
import { Chronyd } from '../support/chronyd.ts';
import { startPair } from '../support/pair.ts';
import { build } from '../system/native/build.ts';
import { atMost, type Benchmark, fasterBy, type Result } from './benchmark.ts';
import { node, type Runtime, runtime, times } from './programs.ts';

const unit = 'µs';

async function withChronyd<T>(ask: (chronyd: Chronyd) => Promise<T>): Promise<T> {
  await using chronyd = await Chronyd.start({ config: ['local stratum 5'] });
  return await ask(chronyd);
}

/** Measures all three in the same run. */
async function queryTimes(where: Runtime): Promise<Readonly<Record<'ours' | 'raw' | 'native', number>>> {
  const native = await build('native', 'gcc');
  return withChronyd(({ commandPort }) => times(where, 'query', commandPort, native));
}

export const queryUdp: Benchmark = {
  name: 'query-udp',
  async run() {
    const { ours, raw } = await queryTimes(node);
    return [atMost(1.2, { name: 'query-udp', ours, reference: raw, unit, runtime: node.name })];
  },
};

export const queryVsNative: Benchmark = {
  name: 'query-vs-native',
  async run() {
    const limits = new Map([
      [node, 1.5],
      [await runtime('Bun'), 1],
    ]);
    const results: Result[] = [];
    for (const [where, limit] of limits) {
      const { ours, raw, native } = await queryTimes(where);
      const measured = { reference: native, unit, runtime: where.name };
      results.push(atMost(limit, { name: 'query-vs-native', ours, ...measured }));
      // the lower limit in this runtime
      results.push(atMost(limit, { name: 'raw-vs-native', ours: raw, ...measured }));
    }
    return results;
  },
};

export const queryUnix: Benchmark = {
  name: 'query-unix',
  async run() {
    const where = await runtime('Node.js 26');
    const { ours, raw } = await withChronyd(({ socketPath }) =>
      times<'ours' | 'raw'>(where, 'query-unix', socketPath),
    );
    return [atMost(1.2, { name: 'query-unix', ours, reference: raw, unit, runtime: where.name })];
  },
};

export const oneShot: Benchmark = {
  name: 'one-shot',
  async run() {
    const { ours, raw } = await withChronyd(({ commandPort }) =>
      times<'ours' | 'raw'>(node, 'one-shot', commandPort),
    );
    return [atMost(1.15, { name: 'one-shot', ours, reference: raw, unit, runtime: node.name })];
  },
};

export const vsChronycProcess: Benchmark = {
  name: 'vs-chronyc-process',
  async run() {
    const { ours, chronyc } = await withChronyd(({ commandPort }) =>
      times<'ours' | 'chronyc'>(node, 'chronyc', commandPort, ...installedChronyc().command),
    );
    return [fasterBy(40, { name: 'vs-chronyc-process', ours, reference: chronyc, unit, runtime: node.name })];
  },
};

export const decode: Benchmark = {
  name: 'decode',
  async run() {
    // with a source, so that the record contains an address to format
    await using pair = await startPair();
    const { ours, native } = await times<'ours' | 'native'>(
      node,
      'decode',
      pair.client.commandPort,
      await build('native', 'gcc'),
    );
    return [atMost(3, { name: 'decode', ours, reference: native, unit, runtime: node.name })];
  },
};

const SOURCES = 1000;

export const sources1000: Benchmark = {
  name: 'sources-1000',
  async run() {
    // offline sources, which chronyd never polls
    const server = (_: unknown, i: number): string => `server 127.2.${i >> 8}.${i & 255} port 9 offline`;
    await using chronyd = await Chronyd.start({ config: Array.from({ length: SOURCES }, server) });
    const { ours, chronyc } = await times<'ours' | 'chronyc'>(
      node,
      'sources',
      chronyd.commandPort,
      SOURCES,
      ...installedChronyc().command,
    );
    return [atMost(0.55, { name: 'sources-1000', ours, reference: chronyc, unit, runtime: node.name })];
  },
};
