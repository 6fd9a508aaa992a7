/** Request events on `node:diagnostics_channel`, with a real chronyd. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { tracingChannel } from 'node:diagnostics_channel';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { ChronyConnection, getTracking, type RequestTrace } from '../../../src/index.ts';
import { startMockChronyd } from '../../../src/testing/index.ts';
import { Chronyd } from '../../support/chronyd.ts';
import { freePort } from '../../support/ports.ts';

const requests = tracingChannel<unknown, RequestTrace & Record<string, unknown>>('chrony-wasm:request');

let chronyd: Chronyd;
beforeAll(async () => {
  chronyd = await Chronyd.start({ config: ['local stratum 5', 'server 127.0.0.2 port 9'] });
});
afterAll(() => chronyd?.stop());

interface RecordedEvent {
  readonly event: string;
  readonly trace: RequestTrace;
  /** The outcome at the time of the event, since all events of a request share one trace object. */
  readonly outcome: string | null;
}

/** Records events until the end of the test. */
function listen(): RecordedEvent[] {
  const recorded: RecordedEvent[] = [];
  const record = (event: string) => (message: unknown) => {
    const trace = message as RequestTrace;
    recorded.push({ event, trace, outcome: trace.outcome });
  };
  const handlers = {
    start: record('start'),
    end: record('end'),
    asyncStart: record('asyncStart'),
    asyncEnd: record('asyncEnd'),
    error: record('error'),
  };
  requests.subscribe(handlers);
  onTestFinished(() => void requests.unsubscribe(handlers));
  return recorded;
}

function events(recorded: readonly RecordedEvent[]): (readonly [event: string, outcome: string | null])[] {
  return recorded.map(({ event, outcome }) => [event, outcome]);
}

it('emits the events of an answered request with one shared trace object', async () => {
  const recorded = listen();
  const status = await getTracking(chronyd.address);
  expect(events(recorded)).toEqual([
    ['start', null],
    ['end', null],
    ['asyncStart', 'ok'],
    ['asyncEnd', 'ok'],
  ]);
  expect(new Set(recorded.map(({ trace }) => trace)).size).toBe(1);
  expect({ ...recorded[0]?.trace }).toEqual({
    address: chronyd.address,
    report: 'tracking',
    tries: 1,
    outcome: 'ok',
    result: status,
  });
});

it('emits one trace per request of a report with several records, over UDP and the Unix socket', async () => {
  for (const address of [chronyd.address, chronyd.socketPath]) {
    const recorded = listen();
    await using chrony = await ChronyConnection.open(address);
    // opening a socket sends no request
    expect(recorded).toEqual([]);
    await chrony.getSources({ names: true });
    const ended = recorded.filter(({ event }) => event === 'asyncEnd').map(({ trace }) => trace);
    expect(ended.map(({ report, tries, outcome }) => [report, tries, outcome])).toEqual([
      ['sources', 1, 'ok'],
      ['sources', 1, 'ok'],
      ['sourcename', 1, 'ok'],
    ]);
    expect(new Set(ended.map((trace) => trace.address))).toEqual(new Set([address]));
  }
});

it('counts as many tries as chronyd receives requests', async () => {
  await using mock = await startMockChronyd('nts');
  const recorded = listen();
  await using chrony = await ChronyConnection.open(mock.address);
  await chrony.getReports(['tracking', 'sources', 'ntpdata', 'authdata', 'selectdata'], { names: true });
  const tries = recorded.filter(({ event }) => event === 'asyncEnd').map(({ trace }) => trace.tries);
  expect(tries.reduce((sum, each) => sum + each, 0)).toBe(mock.requests.length);
});

it('emits the error before the end: for a refusal, a closed port and a silent chronyd', async () => {
  await using mock = await startMockChronyd();
  mock.pause();
  const closed = `127.0.0.1:${await freePort()}`;
  for (const [address, code, tries, ask] of [
    [
      chronyd.address,
      'ERR_CHRONY_PERMISSION',
      1,
      (chrony: ChronyConnection): unknown => chrony.getServerStats(),
    ],
    // one try on the open socket and one on a new socket
    [closed, 'ERR_CHRONY_CONNECTION', 2, (chrony: ChronyConnection): unknown => chrony.getTracking()],
    [mock.address, 'ERR_CHRONY_TIMEOUT', 3, (chrony: ChronyConnection): unknown => chrony.getTracking()],
  ] as const) {
    await using chrony = await ChronyConnection.open({ address, timeoutMs: 100, retries: 2 });
    const recorded = listen();
    const error = await Promise.resolve(ask(chrony)).catch((reason: unknown) => reason);
    expect(events(recorded)).toEqual([
      ['start', null],
      ['end', null],
      ['error', code],
      ['asyncStart', code],
      ['asyncEnd', code],
    ]);
    expect(recorded[0]?.trace).toMatchObject({ address, tries, outcome: code });
    expect(recorded[0]?.trace.error).toBe(error);
    expect(recorded[0]?.trace).not.toHaveProperty('result');
  }
});

it('has the outcome `aborted` for a request that the caller aborts', async () => {
  await using mock = await startMockChronyd();
  mock.pause();
  await using chrony = await ChronyConnection.open(mock.address);
  const recorded = listen();
  const stop = new AbortController();
  const pending = chrony.getTracking({ signal: stop.signal });
  stop.abort(new Error('enough'));
  await expect(pending).rejects.toThrow('enough');
  expect(events(recorded).at(-1)).toEqual(['asyncEnd', 'aborted']);
  expect(recorded[0]?.trace.error).toEqual(new Error('enough'));
});

it('runs the request with the stores that are bound to the channel', async () => {
  const spans = new AsyncLocalStorage<string>();
  requests.start.bindStore(spans, (message) => (message as RequestTrace).report);
  onTestFinished(() => void requests.start.unbindStore(spans));
  const seen: unknown[] = [];
  const handlers = { end: () => void seen.push(spans.getStore()) };
  requests.end.subscribe(handlers.end);
  onTestFinished(() => void requests.end.unsubscribe(handlers.end));
  await getTracking(chronyd.address);
  expect(seen).toEqual(['tracking']);
  expect(spans.getStore()).toBeUndefined();
});

it('emits nothing to a subscriber that has unsubscribed', async () => {
  const recorded: unknown[] = [];
  const record = (trace: unknown): void => void recorded.push(trace);
  requests.asyncEnd.subscribe(record);
  await getTracking(chronyd.address);
  requests.asyncEnd.unsubscribe(record);
  await getTracking(chronyd.address);
  expect(recorded).toHaveLength(1);
});
