/**
 * The real chronyc adds and deletes sources while the reports with one record per source are read. Each list must contain
 * every source once, with the data of that source.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ChronyConnection, ChronyError } from '../../../src/index.ts';
import { Chronyd } from '../../support/chronyd.ts';
import { grouped, writeFigures } from '../../support/figures.ts';

/** Reads of each report. */
const LONG = process.env['LIFE_ROUNDS'] !== undefined;
const READS = LONG ? 600 : 20;

/** Reads continue at least until this number of changes. */
const FEWEST_CHANGES = 6;

/** The longest pause between two exchanges of sources. */
const LONGEST_PAUSE_MS = 60;

/** The permanent sources, and the sources that are added and deleted. */
const STEADY = Array.from({ length: 20 }, (_, i) => 2 * i + 1);
const FLEETING = Array.from({ length: 20 }, (_, i) => 2 * i + 2);

/** The distinguishable properties of a source, by its number. */
const address = (n: number): string => `127.0.1.${n}`;
const port = (n: number): number => 1000 + n;
const poll = (n: number): number => 4 + (n % 13);
const keyId = (n: number): number => n;
const isPreferred = (n: number): boolean => n % 3 === 0;

const source = (n: number): string =>
  `server ${address(n)} port ${port(n)} minpoll ${poll(n)} maxpoll ${poll(n)} key ${keyId(n)} offline` +
  `${isPreferred(n) ? ' prefer' : ''}`;

let chronyd: Chronyd;
let chrony: ChronyConnection;

beforeEach(async () => {
  const numbers = [...STEADY, ...FLEETING];
  chronyd = await Chronyd.start({
    // alternating, so that each fleeting source is between two steady ones
    config: numbers.toSorted((a, b) => a - b).map(source),
    keys: numbers.map((n) => `${keyId(n)} MD5 HEX:${String(n).padStart(32, '0')}`),
  });
  chrony = await ChronyConnection.open(chronyd.socketPath);
});
afterEach(async () => {
  await chrony?.close();
  await chronyd?.stop();
});

/** The state of the disturbance. */
interface Disturbance {
  stop: boolean;
  changes: number;
}

/**
 * Exchanges one fleeting source for another, with one run of chronyc each, until it is stopped. The number of sources
 * stays the same after each exchange.
 */
async function disturb(disturbance: Disturbance): Promise<void> {
  const there = [...FLEETING];
  const away = there.splice(0, 5);
  await chronyd.chronyc(
    away.map((n) => `delete ${address(n)}`),
    ['-m'],
  );
  while (!disturbance.stop) {
    // removes the oldest one, so that every source is exchanged
    const goes = there.shift();
    const comes = away.shift();
    if (goes === undefined || comes === undefined) throw new Error('no source is left to exchange');
    there.push(comes);
    away.push(goes);
    await chronyd.chronyc([`delete ${address(goes)}`, `add ${source(comes)}`], ['-m']);
    disturbance.changes++;
    // a list that changed constantly could never be read
    await sleep(Math.random() * LONGEST_PAUSE_MS);
  }
}

/** The data read of one source. */
interface Read {
  readonly address: string;
  /** Whether the data belong to the source with this number. */
  readonly isOwn: (n: number) => boolean;
}

const REPORTS: Readonly<Record<string, () => Promise<readonly Read[]>>> = {
  sources: async () =>
    (await chrony.getSources()).map((s) => ({ address: s.address, isOwn: (n) => s.poll === poll(n) })),
  sourcestats: async () =>
    (await chrony.getSourceStats()).map((s) => ({ address: s.address, isOwn: () => s.samples === 0 })),
  selectdata: async () =>
    (await chrony.getSelectData()).map((s) => ({
      address: s.address,
      isOwn: (n) => s.configuredOptions.includes('prefer') === isPreferred(n),
    })),
  authdata: async () =>
    (await chrony.getAuthData()).map((a) => ({ address: a.address, isOwn: (n) => a.keyId === keyId(n) })),
  ntpdata: async () =>
    (await chrony.getNtpData()).map((d) => ({
      address: d.remoteAddress,
      isOwn: (n) => d.remotePort === port(n),
    })),
  'sources as fields': async () =>
    (await chrony.getReport('sources')).map((fields) => ({
      address: String(fields.find(({ name }) => name === 'address')?.value),
      isOwn: (n) => fields.find(({ name }) => name === 'poll')?.value === BigInt(poll(n)),
    })),
};

const total = { reads: 0, changes: 0, wrong: 0, refused: 0 };
afterAll(() => {
  if (!LONG) return;
  writeFigures('life-sources', [
    {
      what:
        `reports with a record for each of 35 sources, read ${grouped(total.reads)} times while chronyc ` +
        `exchanged one for another ${grouped(total.changes)} times`,
      figure:
        `${grouped(total.wrong)} lists with a source twice, a steady one missing or another's data; ` +
        `${grouped(total.refused)} calls gave up with an error, as the list kept changing`,
      command: 'make test-life',
    },
  ]);
});

describe('while sources are added and deleted', () => {
  it.each(Object.entries(REPORTS))('%s lists each source once', { timeout: 600_000 }, async (_, get) => {
    const disturbance: Disturbance = { stop: false, changes: 0 };
    const disturbed = disturb(disturbance);
    // ends the loop below, which then rethrows the error
    disturbed.catch(() => {
      disturbance.changes = Number.POSITIVE_INFINITY;
    });
    let reads = 0;
    let wrong = 0;
    let refused = 0;
    const seen: string[] = [];
    try {
      for (; reads < READS || reads === refused || disturbance.changes < FEWEST_CHANGES; reads++) {
        const list = await get().catch((error: unknown) => {
          if (!(error instanceof ChronyError)) throw error;
          refused++;
          return null;
        });
        if (list === null) continue;
        const numbers = list.map((read) => Number(read.address.split('.')[3]));
        const twice = numbers.filter((n, at) => numbers.indexOf(n) !== at);
        const missing = STEADY.filter((n) => !numbers.includes(n));
        const others = list.filter((read, at) => !read.isOwn(numbers[at] ?? 0)).map((read) => read.address);
        if (twice.length + missing.length + others.length === 0) continue;
        wrong++;
        seen.push(JSON.stringify({ twice, missing, others }));
      }
    } finally {
      disturbance.stop = true;
      await disturbed;
    }
    total.reads += reads;
    total.changes += disturbance.changes;
    total.wrong += wrong;
    total.refused += refused;
    expect(seen).toEqual([]);
  });
});
