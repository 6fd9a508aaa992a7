/** The events for the page: the same for all viewers, at the cost of one viewer. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ntpSource, scenario, startMockChronyd } from '../../../src/testing/index.ts';
import { Chronyd } from '../../support/chronyd.ts';
import { CommandLine } from '../cli/support.ts';
import { Events, type Message } from './events.ts';
import { clientAddress, Serving } from './serving.ts';

const INTERVAL_S = 0.5;
const QUICK = ['--interval', String(INTERVAL_S)];

let commandLine: CommandLine;
let chronyd: Chronyd;

beforeAll(async () => {
  commandLine = await CommandLine.build();
  chronyd = await Chronyd.start({ config: ['local stratum 5'] });
});
afterAll(async () => {
  await chronyd?.[Symbol.asyncDispose]();
});

it('sends the history, then an update per interval, with the same reports as the API', async () => {
  await using serving = await Serving.start(commandLine, '-h', chronyd.address, ...QUICK, '--allow-local');
  await serving.ready();
  await using events = await Events.open(serving.url);
  expect(events.response.headers).toMatchObject({
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
  });
  const messages = [await events.next(), await events.next(), await events.next()];
  expect(messages.map((each) => each?.event)).toEqual(['history', 'update', 'update']);
  const [history, first, second] = messages as [
    Message & { event: 'history' },
    Message & { event: 'update' },
    Message & { event: 'update' },
  ];
  const times = [...history.data, first.data.point, second.data.point].map(([time]) => time);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(new Set(times).size).toBe(times.length);
  expect(first.data).toMatchObject({ interval: 0.5, chronyd: chronyd.address, health: { state: 'ok' } });
  expect([first.id, second.id]).toEqual([first, second].map(({ data }) => String(data.time)));
  const api = JSON.parse((await serving.ask('/api/tracking')).text);
  expect(first.data.reports.tracking).toMatchObject({ stratum: api.stratum, referenceId: api.referenceId });
  expect(first.data.failures).toHaveProperty('serverstats.code', 'ERR_CHRONY_PERMISSION');
});

it('resumes after a pause with exactly the missed points', async () => {
  await using serving = await Serving.start(commandLine, '-h', chronyd.address, ...QUICK);
  const seen: number[] = [];
  let id = '';
  {
    await using events = await Events.open(serving.url);
    await events.next();
    const message = await events.next();
    if (message?.event !== 'update') throw new Error('no update');
    id = message.id;
    seen.push(message.data.time);
  }
  await using meanwhile = await Events.open(serving.url);
  const missed = [await meanwhile.update(), await meanwhile.update(), await meanwhile.update()].map(
    ({ time }) => time,
  );
  await using again = await Events.open(serving.url, { headers: { 'last-event-id': id } });
  const history = await again.next();
  if (history?.event !== 'history') throw new Error('no history');
  const update = await again.update();
  const times = [...history.data.map(([time]) => time), update.time];
  expect(times).not.toContain(seen[0]);
  expect(times).toEqual(expect.arrayContaining(missed.filter((time) => time !== seen[0])));
  await using stranger = await Events.open(serving.url, { headers: { 'last-event-id': '1' } });
  const all = await stranger.next();
  expect(all?.data).toHaveProperty('0.0', expect.any(Number));
  expect(JSON.stringify(all?.data)).toContain(String(seen[0]));
});

it('reports that chronyd is down, and that it is back', async () => {
  await using restarted = await Chronyd.start({ config: ['local stratum 5'] });
  await using serving = await Serving.start(commandLine, '-h', restarted.address, ...QUICK, '--allow-local');
  await using events = await Events.open(serving.url);
  await events.update(({ health }) => health.state === 'ok');
  await restarted.kill('SIGKILL');
  const away = await events.update(({ health }) => health.state === 'critical');
  expect(away).toMatchObject({
    reports: {},
    failures: { tracking: { code: expect.stringMatching(/^ERR_CHRONY_/) } },
  });
  expect(away.point.slice(1)).toEqual([null, null, null]);
  await restarted.run();
  await events.update(({ health }) => health.state === 'ok');
});

/** The number of requests that chronyd has received, according to its own counter. */
async function receivedRequests(): Promise<number> {
  const [, , received] = (await chronyd.chronyc(['serverstats'])).split(',');
  return Number(received);
}

it('costs chronyd no more for a hundred viewers and a thousand scrapes than for one viewer', async () => {
  await using serving = await Serving.start(commandLine, '-h', chronyd.address, ...QUICK);
  await using one = await Events.open(serving.url);
  /** The number of requests that chronyd received, and the number of snapshots during that time: one per interval. */
  const cost = async (work: () => Promise<unknown>): Promise<{ requests: number; snapshots: number }> => {
    const start = performance.now();
    const before = await receivedRequests();
    await work();
    const requests = (await receivedRequests()) - before;
    return { requests, snapshots: (performance.now() - start) / 1000 / INTERVAL_S + 1 };
  };
  const sixUpdates = async (): Promise<void> => {
    for (let i = 0; i < 6; i++) await one.update();
  };
  await one.update();
  const alone = await cost(sixUpdates);
  const perSnapshot = alone.requests / 6;
  expect(perSnapshot).toBeGreaterThan(1);
  const many = await Promise.all(
    Array.from({ length: 100 }, (_, i) => Events.open(serving.url, { from: clientAddress(i) })),
  );
  const counted = many.map((events) => ({ events, updates: 0 }));
  for (const each of counted) void follow(each);
  const together = await cost(sixUpdates);
  // the first and the last snapshot may be counted or not
  expect(together.requests).toBeLessThan((together.snapshots + 1) * perSnapshot * 1.2);
  await expect.poll(() => Math.min(...counted.map(({ updates }) => updates))).toBeGreaterThanOrEqual(5);
  for (const { events } of counted) await events[Symbol.asyncDispose]();
  const scraped = await cost(async () => {
    for (let i = 0; i < 20; i++) await Promise.all(Array.from({ length: 50 }, () => serving.ask('/metrics')));
  });
  // at most one more snapshot per second
  const more = scraped.snapshots * INTERVAL_S;
  expect(scraped.requests).toBeLessThan((scraped.snapshots + more + 1) * perSnapshot * 1.2);
});

it('does not count a viewer that requested events many times on one connection and has gone', async () => {
  await using serving = await Serving.start(commandLine, '-h', chronyd.address, ...QUICK);
  await serving.ready();
  const greedy = await serving.connect();
  greedy.write('GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(300));
  await expect.poll(() => greedy.received(), { timeout: 10_000 }).toContain('event: update');
  greedy.destroy();
  await expect
    .poll(async () => (await serving.ask('/events', { method: 'HEAD' })).status, { timeout: 10_000 })
    .toBe(200);
});

async function follow(each: { readonly events: Events; updates: number }): Promise<void> {
  for (;;) {
    const message = await each.events.next().catch(() => null);
    if (message === null) return;
    if (message.event === 'update') each.updates++;
  }
}

it('lets a slow viewer miss updates, but no points', async () => {
  const sources = Array.from({ length: 150 }, (_, i) => ntpSource(`192.0.2.${i + 1}`));
  await using mock = await startMockChronyd('synchronized');
  mock.scenario = scenario('synchronized', { sources });
  await using serving = await Serving.start(commandLine, '-h', mock.address, '--interval', '0.5');
  await serving.ready();
  await using slow = await Events.open(serving.url);
  await slow.update();
  slow.response.pause();
  await using quick = await Events.open(serving.url);
  await quick.update();
  // until the system's buffers are full, and a little longer; after too long, the server would drop the viewer
  const published: number[] = [];
  for (let full = 0, before = 0; full < 4; ) {
    published.push((await quick.update()).time);
    const now = queued(serving.port, slow.response.socket.localPort ?? 0);
    full = now > 0 && now === before ? full + 1 : 0;
    before = now;
  }
  slow.response.resume();
  const updated: number[] = [];
  const points: number[] = [];
  while (points.at(-1) !== published.at(-1) && (points.at(-1) ?? 0) < (published.at(-1) ?? 0)) {
    const message = await slow.next();
    if (message === null) throw new Error('ended');
    if (message.event === 'history') points.push(...message.data.map(([time]) => time));
    else {
      points.push(message.data.time);
      updated.push(message.data.time);
    }
  }
  expect(points).toEqual(expect.arrayContaining(published));
  expect(points).toEqual([...new Set(points)].toSorted((a, b) => a - b));
  expect(updated.length).toBeLessThan(published.length);
});

/** The bytes in the system's send queue of a loopback connection. */
function queued(from: number, to: number): number {
  const end = (port: number): string => `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const line = readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .find((each) => each.includes(` ${end(from)} ${end(to)} `));
  const [, bytes = ''] = /^\s*\S+ \S+ \S+ \S+ ([0-9A-F]{8}):/.exec(line ?? '') ?? [];
  return Number.parseInt(bytes, 16) || 0;
}

describe('viewers', () => {
  it('are limited to 32 per client', async () => {
    await using serving = await Serving.start(commandLine, '-h', chronyd.address);
    const viewers = await Promise.all(Array.from({ length: 32 }, () => Events.open(serving.url)));
    const refused = await serving.ask('/events');
    expect([refused.status, refused.headers['retry-after']]).toEqual([503, '10']);
    expect(refused.text).toContain('from your address');
    // other requests and other clients are served
    expect((await serving.ask('/metrics')).status).toBe(200);
    await using other = await Events.open(serving.url, { from: '127.0.0.9' });
    await other.update();
    await viewers[0]?.[Symbol.asyncDispose]();
    await expect.poll(async () => (await serving.ask('/events', { method: 'HEAD' })).status).toBe(200);
    for (const viewer of viewers) await viewer[Symbol.asyncDispose]();
  });

  it('that disconnect, or end their side, no longer count', async () => {
    await using serving = await Serving.start(commandLine, '-h', chronyd.address, '--interval', '60');
    await serving.ready();
    for (let i = 0; i < 100; i++) {
      await using events = await Events.open(serving.url);
      expect(events.response.statusCode).toBe(200);
    }
    const halves = await Promise.all(Array.from({ length: 32 }, () => serving.connect()));
    for (const half of halves) half.end('GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await Promise.all(halves.map(({ ended }) => ended));
    expect((await serving.ask('/events', { method: 'HEAD' })).status).toBe(200);
  });

  it('are limited even if they follow other requests on a connection', async () => {
    await using serving = await Serving.start(commandLine, '-h', chronyd.address);
    await serving.ready();
    const line = 'HTTP/1.1\r\nHost: localhost\r\n\r\n';
    const sockets = await Promise.all(Array.from({ length: 60 }, () => serving.connect()));
    for (const socket of sockets) socket.write(`GET /healthz ${line}GET /events ${line}`);
    await expect
      .poll(() => sockets.filter(({ received }) => received().includes('event: update')).length)
      .toBe(32);
    for (const socket of sockets) socket.destroy();
  });

  it('are limited in total: a viewer of the client with the most is closed for another client', async () => {
    await using serving = await Serving.start(commandLine, '-h', chronyd.address, ...QUICK);
    const of = (client: number, count: number): Promise<readonly Events[]> =>
      Promise.all(
        Array.from({ length: count }, () => Events.open(serving.url, { from: `127.0.1.${client}` })),
      );
    // 8 x 32
    const crowds = await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map((client) => of(client, 32)));
    await using other = await Events.open(serving.url, { from: '127.0.0.9' });
    await other.update();
    await other.update();
    const first = crowds.map(([viewer]) => viewer);
    const ended = first.map(async (viewer) => {
      while ((await viewer?.next().catch(() => null)) != null);
    });
    await Promise.race(ended);
    for (const viewer of crowds.flat()) await viewer[Symbol.asyncDispose]();
  });
});
