/** The health of a real chronyd in each of its states, with figures compared with the output of the real chronyc. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ChronyConnection,
  checkHealth,
  type Health,
  type HealthThresholds,
  judgeHealth,
} from '../../../src/index.ts';
import { installedChronyc } from '../../support/chronyc.ts';
import { Chronyd } from '../../support/chronyd.ts';
import { FedClock } from '../../support/fed-clock.ts';
import { FrozenChronyd } from '../../support/frozen.ts';
import { type Pair, startPair } from '../../support/pair.ts';

const chronyc = installedChronyc();
const NO_LIMITS = { warning: null, critical: null };

/** Returns a chronyd's health, after checking that chronyc prints the same figures for the same replies. */
async function health(chronyd: Chronyd, thresholds: HealthThresholds = {}): Promise<Health> {
  await using frozen = await FrozenChronyd.of(chronyd);
  const before = Date.now() / 1000;
  const found = await checkHealth({ address: frozen.address, ...thresholds });
  const after = Date.now() / 1000;
  const print = async (report: string): Promise<string[][]> => {
    const text = await chronyc.printAt(frozen.port, '-c', report);
    const lines = text.split('\n').filter(Boolean);
    return lines.map((line) => line.split(','));
  };
  const [[id, , stratum, refTime, offset, , , , , skew, delay, dispersion, , leap] = []] =
    await print('tracking');
  const sources = await print('sources');
  const isSynchronized = leap !== 'Not synchronised';
  const isKnown = isSynchronized && id !== '7F7F0101';
  const reported = Math.abs(Number(offset)) + Number(dispersion) + Number(delay) / 2;
  /** The maximum error, including the drift since the last measurement. */
  const maxError = (time: number): number => reported + 50e-6 * (time + Number(offset) - Number(refTime));
  // chronyc rounds to nanoseconds
  expect(found.figures).toMatchObject({
    synchronized: isSynchronized,
    local: id === '7F7F0101',
    maxError: isKnown
      ? expect.toSatisfy((error) => error > maxError(before) - 1e-8 && error < maxError(after) + 1e-8)
      : null,
    offset: isKnown ? expect.closeTo(Number(offset), 8) : null,
    stratum: isSynchronized ? Number(stratum) : null,
    sources: sources.length,
    reachableSources: sources.filter(([, , , , , reach]) => Number(reach) > 0).length,
    falsetickers: sources.filter(([, state]) => state === 'x').length,
    selected: sources.find(([, state]) => state === '*')?.[2] ?? null,
    selectableSources: sources.filter(([, state]) => /[-*+]/.test(state ?? '')).length,
    skew: isKnown ? expect.closeTo(Number(skew), 3) : null,
  });
  return found;
}

describe('synchronized to another chronyd', () => {
  let pair: Pair;
  beforeAll(async () => {
    pair = await startPair();
    // well below the limit: just below it, the next measurement may raise the error above it
    await pair.client.until(async () => {
      const { state, figures } = await checkHealth(pair.client.address);
      return state === 'ok' && (figures?.maxError ?? 1) < 0.1;
    });
  });
  afterAll(() => pair?.[Symbol.asyncDispose]());

  it('is ok', async () => {
    expect(await health(pair.client)).toMatchObject({
      state: 'ok',
      reasons: [],
      figures: { reference: '127.0.0.1', stratum: 2, leapStatus: 'normal', sources: 3, reachableSources: 1 },
    });
  });

  it('is judged by the given thresholds', async () => {
    const strict = { maxError: { warning: 0, critical: null }, maxStratum: 1, minSources: 2 };
    const { state, reasons } = await health(pair.client, strict);
    expect(state).toBe('warning');
    expect(reasons).toEqual([
      expect.stringMatching(/^may be 0\.\d+ s from true time, more than 0 s /),
      expect.stringMatching(/^stratum 2, above 1 /),
      expect.stringMatching(/^1 of 3 sources reachable, fewer than 2 /),
    ]);
    expect((await health(pair.client, { maxError: { warning: 0, critical: 0 } })).state).toBe('critical');
  });

  it('is the same over the Unix socket, and from existing reports', async () => {
    const { figures } = await checkHealth(pair.client.socketPath);
    await using chrony = await ChronyConnection.open(pair.client.socketPath);
    const judged = judgeHealth(await chrony.getTracking(), await chrony.getSources());
    expect(figures).toMatchObject({ reference: '127.0.0.1', sources: 3 });
    expect(judged).toMatchObject({ state: 'ok', figures: { reference: '127.0.0.1', sources: 3 } });
  });

  it('is critical while chronyd is frozen', async () => {
    pair.client.freeze();
    try {
      expect(await checkHealth({ address: pair.client.address, timeoutMs: 100, retries: 1 })).toEqual({
        state: 'critical',
        reasons: [expect.stringContaining(`${pair.client.address}: no answer in 300 ms (2 tries)`)],
        figures: null,
      });
    } finally {
      pair.client.thaw();
    }
    expect((await health(pair.client)).figures?.synchronized).toBe(true);
  });

  it('is critical while chronyd is not running', async () => {
    await pair.client.kill('SIGKILL');
    expect(await checkHealth(pair.client.address)).toEqual({
      state: 'critical',
      reasons: [expect.stringContaining('ECONNREFUSED')],
      figures: null,
    });
    await pair.client.run();
    await pair.client.until(async () => (await health(pair.client)).state === 'ok');
  });

  it('is critical when its sources are unreachable', async () => {
    const thresholds = { maxError: NO_LIMITS };
    await pair.server.kill();
    await pair.client.until(async () => (await checkHealth(pair.client.address)).figures?.selected === null);
    expect(await health(pair.client, thresholds)).toMatchObject({
      state: 'critical',
      reasons: [
        expect.stringMatching(/^no source is selected: 0 of 3 sources selectable /),
        expect.stringMatching(/^0 of 3 sources reachable, fewer than 1 /),
      ],
      figures: { synchronized: true, reference: '127.0.0.1', reachableSources: 0 },
    });
    await pair.server.run();
    // well below the limit: just below it, the next measurement may raise the error above it
    await pair.client.until(async () => {
      const { state, figures } = await checkHealth(pair.client.address);
      return state === 'ok' && (figures?.maxError ?? 1) < 0.1;
    });
  });
});

describe('without a source that it follows', () => {
  it('is critical after a fresh start', async () => {
    await using chronyd = await Chronyd.start({ config: ['server 127.0.0.2 port 9'] });
    expect(await health(chronyd)).toMatchObject({
      state: 'critical',
      reasons: [
        expect.stringMatching(/^not synchronized: does not follow its only source /),
        expect.stringMatching(/^0 of 1 source reachable, fewer than 1 /),
      ],
    });
  });

  it('is critical in local mode, unless local mode is allowed', async () => {
    await using chronyd = await Chronyd.start({ config: ['local stratum 5'] });
    const { state, reasons, figures } = await health(chronyd);
    expect(state).toBe('critical');
    expect(reasons[0]).toMatch(/^in local mode/);
    expect(figures).toMatchObject({ reference: '127.127.1.1', stratum: 5 });
    expect(await health(chronyd, { allowLocal: true })).toMatchObject({ state: 'ok', reasons: [] });
  });

  it('is critical when no majority agrees', async () => {
    const serve = { serve: true, config: ['local stratum 1'] };
    await using server = await Chronyd.start(serve);
    await using other = await Chronyd.start({ ...serve, config: [...serve.config, 'bindaddress 127.0.0.3'] });
    await using chronyd = await Chronyd.start({
      config: [
        `server 127.0.0.1 port ${server.ntpPort} iburst minpoll -2 maxpoll -1`,
        `server 127.0.0.3 port ${other.ntpPort} iburst minpoll -2 maxpoll -1 offset 5`,
      ],
    });
    await chronyd.until(async () => (await checkHealth(chronyd.address)).figures?.falsetickers === 2);
    expect(await health(chronyd)).toMatchObject({
      state: 'critical',
      reasons: [
        expect.stringMatching(/^not synchronized: follows none of 2 sources, 2 of them falsetickers /),
      ],
      figures: { reachableSources: 2 },
    });
  });
});

describe('off by a quarter of a second', () => {
  let chronyd: Chronyd;
  let clock: FedClock;
  beforeAll(async () => {
    chronyd = await Chronyd.start({
      config: ['refclock SOCK {dir}/clock.sock refid A|B poll -2 filter 1 delay 0.001'],
    });
    clock = await FedClock.start(join(chronyd.dir, 'clock.sock'), 0.25);
    await chronyd.untilSynchronized();
  });
  afterAll(async () => {
    clock?.[Symbol.dispose]();
    await chronyd?.stop();
  });

  it.each([
    [{ maxError: { warning: 0.4 } }, 'ok'],
    [{}, 'warning'],
    [{ maxError: { critical: 0.2 } }, 'critical'],
    [{ maxError: NO_LIMITS, offset: { warning: 0.3 } }, 'ok'],
    [{ maxError: NO_LIMITS, offset: { warning: 0.2 } }, 'warning'],
    [{ maxError: NO_LIMITS, offset: { warning: 0.1, critical: 0.2 } }, 'critical'],
  ])('%o: %s', async (thresholds, state) => {
    const found = await health(chronyd, thresholds);
    expect(found.state).toBe(state);
    expect(found.figures).toMatchObject({ reference: 'A|B', offset: expect.closeTo(0.25, 2) });
  });
});
