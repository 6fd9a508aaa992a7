/** The server ends on a signal, also while requests are active. */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, it } from 'vitest';
import { Chronyd } from '../../support/chronyd.ts';
import { CommandLine } from '../cli/support.ts';
import { Events } from './events.ts';
import { Serving } from './serving.ts';

let commandLine: CommandLine;
beforeAll(async () => {
  commandLine = await CommandLine.build();
});

it.each(['SIGTERM', 'SIGINT'] as const)(
  '%s: ends events, finishes active requests, and accepts no more connections',
  async (signal) => {
    await using chronyd = await Chronyd.start();
    await using serving = await Serving.start(
      commandLine,
      ...['-h', chronyd.address, '--timeout', '20000', '--interval', '60', '--reports', 'tracking'],
    );
    await serving.ready();
    await using events = await Events.open(serving.url);
    await events.update();
    // a slow request, and an idle connection
    const kept = await serving.connect();
    kept.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await expect.poll(() => kept.received()).toContain('ok\n');
    chronyd.freeze();
    const slow = await serving.connect();
    // wait until the last snapshot is more than a second old, and no longer used
    await expect
      .poll(async () => {
        const { text } = await serving.ask('/metrics', {
          headers: { 'x-prometheus-scrape-timeout-seconds': '0.1' },
        });
        return text;
      })
      .toMatch(/^chrony_up 0$/m);
    slow.write('GET /metrics HTTP/1.1\r\nHost: localhost\r\nX-Prometheus-Scrape-Timeout-Seconds: 4\r\n\r\n');
    await expect.poll(async () => (await serving.ask('/healthz')).status).toBe(200);
    serving.kill(signal);
    for (let event = await events.next(); event !== null; event = await events.next());
    await once(slow, 'close');
    expect(slow.received()).toMatch(
      /^HTTP\/1\.1 200 OK\r\n[\s\S]*^Connection: close\r\n[\s\S]*chrony_up 0$/m,
    );
    await expect(serving.ask('/healthz')).rejects.toThrow(/ECONNREFUSED|ECONNRESET|hang up/);
    expect(await serving.ended).toEqual([0, null]);
    expect(serving.log).toMatch(/^chrony-wasm: listening on .*\n$/);
  },
);

it('ends despite unfinished requests and a viewer that does not read', async () => {
  await using chronyd = await Chronyd.start();
  await using serving = await Serving.start(
    commandLine,
    '-h',
    chronyd.address,
    '--interval',
    '0.5',
    '--reports',
    'tracking',
  );
  await serving.ready();
  for (const half of ['', 'GET / HTTP/1.1\r\n', 'GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n']) {
    const socket = await serving.connect();
    socket.write(half);
    if (half.includes('events')) await once(socket, 'data');
    socket.pause();
  }
  // a client that sends requests without reading replies, until all buffers are full
  const greedy = await serving.connect();
  greedy.pause();
  const requests = 'GET /api/tracking HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(1000);
  for (let i = 0; i < 400; i++) greedy.write(requests);
  let waiting = 0;
  const isStuck = (): boolean => {
    const before = waiting;
    waiting = greedy.writableLength;
    return waiting > 0 && waiting === before;
  };
  await expect.poll(isStuck, { interval: 500 }).toBe(true);
  serving.kill('SIGTERM');
  // without a limit, the server would wait until the connection has been idle for a minute
  const hangs = new AbortController();
  const ended = await Promise.race([
    serving.ended,
    sleep(30_000, 'hangs', { signal: hangs.signal }).catch(() => ''),
  ]);
  hangs.abort();
  expect(ended).toEqual([0, null]);
});

it('ends before the first reply of chronyd', async () => {
  await using chronyd = await Chronyd.start();
  chronyd.freeze();
  await using serving = await Serving.start(commandLine, '-h', chronyd.address, '--timeout', '20000');
  serving.kill('SIGTERM');
  expect(await serving.ended).toEqual([0, null]);
});

it('ends at once on a second signal', async () => {
  await using chronyd = await Chronyd.start();
  await using serving = await Serving.start(commandLine, '-h', chronyd.address);
  const socket = await serving.connect();
  socket.write('GET / HTTP/1.1\r\n');
  await serving.ready();
  serving.kill('SIGTERM');
  await expect
    .poll(() =>
      serving.ask('/healthz').then(
        () => 'served',
        () => 'ending',
      ),
    )
    .toBe('ending');
  serving.kill('SIGTERM');
  expect(await serving.ended).toEqual([null, 'SIGTERM']);
});

it('works and ends after the reader of its log has gone', async () => {
  await using chronyd = await Chronyd.start();
  await using serving = await Serving.start(commandLine, '-h', chronyd.address, '--interval', '0.5');
  serving.closeLog();
  await serving.ready();
  serving.kill('SIGHUP');
  expect((await serving.ask('/metrics')).status).toBe(200);
  serving.kill('SIGTERM');
  expect(await serving.ended).toEqual([0, null]);
});
