/** A mock chronyd at a Unix socket, with this package's client. For other runtimes see runtimes.test.ts. */

import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import {
  ChronyConnection,
  ChronyConnectionError,
  ChronyTimeoutError,
  checkHealth,
  getSelectData,
  getTracking,
} from '../../../src/index.ts';
import { scenario, startMockChronyd } from '../../../src/testing/index.ts';
import { bundle } from '../../support/bundle.ts';
import { spawn } from '../../support/spawn.ts';

let dir: string;
let path: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'mock-'));
  path = join(dir, 'chronyd.sock');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

it('answers at its path and removes its socket on close', async () => {
  const mock = await startMockChronyd('falseticker', { path });
  expect(mock).toMatchObject({ address: path, port: 0 });
  const states = (await getSelectData(path)).map(({ state }) => state);
  expect(states).toEqual(['best', 'combined', 'combined', 'falseticker']);
  expect(mock.requests.length).toBeGreaterThan(0);
  for (const { client } of mock.requests) expect(client.startsWith(join(dir, 'cw-'))).toBe(true);
  await mock.close();
  await mock.close();
  expect(readdirSync(dir)).toEqual([]);
  await expect(getTracking(path)).rejects.toThrow('no socket is there');
});

it('answers many concurrent clients', async () => {
  await using mock = await startMockChronyd('many sources', { path });
  const connections = await Promise.all(Array.from({ length: 8 }, () => ChronyConnection.open(path)));
  onTestFinished(async () => {
    for (const chrony of connections) await chrony.close();
  });
  const all = await Promise.all(connections.map((chrony) => chrony.getNtpData()));
  for (const records of all) expect(records).toHaveLength(64);
  expect(new Set(mock.requests.map(({ client }) => client)).size).toBeGreaterThanOrEqual(8);
});

it('has all features of a mock over UDP', async () => {
  await using mock = await startMockChronyd('silence', {
    path: relative(process.cwd(), path),
    intercept: (_, reply) => (mock.requests.length === 3 && reply !== null ? [reply] : undefined),
  });
  expect(mock.address).toBe(path);
  const options = { address: path, timeoutMs: 20, retries: 0 };
  await expect(getTracking(options)).rejects.toThrow(ChronyTimeoutError);
  await expect(getTracking(options)).rejects.toThrow(ChronyTimeoutError);
  expect((await getTracking({ ...options, timeoutMs: 60_000 })).stratum).toBe(3);

  mock.pause();
  const pending = getTracking({ ...options, timeoutMs: 60_000 });
  await expect.poll(() => mock.requests.length).toBe(4);
  mock.scenario = scenario('gps', { faults: { delayMs: 5 } });
  mock.resume();
  expect((await pending).referenceIdName).toBe('GPS');
});

it('works with fake timers', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const mock = await startMockChronyd(scenario('stale', { faults: { delayMs: 5 } }), { path });
  expect((await checkHealth(path)).state).toBe('warning');
  await mock.close();
});

it('replaces only the socket of a mock whose process was killed', async () => {
  const program = await bundle('test/integration/unix/left-mock.ts');
  const child = spawn(process.execPath, [program, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  const closed = new Promise((resolve) => child.once('close', resolve));
  await new Promise((resolve) => child.stdout.once('data', resolve));
  expect((await getTracking(path)).stratum).toBe(3);
  await expect(startMockChronyd('gps', { path })).rejects.toThrow(
    `${path}: EADDRINUSE; the path already exists; remove it, or choose another path`,
  );
  child.kill('SIGKILL');
  await closed;
  expect(existsSync(path)).toBe(true);
  const mock = await startMockChronyd('gps', { path });
  expect((await getTracking(path)).stratum).toBe(1);
  await mock.close();

  writeFileSync(path, 'a file');
  await expect(startMockChronyd('gps', { path })).rejects.toThrow('EADDRINUSE');
  expect(existsSync(path)).toBe(true);
});

it('explains why it cannot listen', async () => {
  const refuses = async (
    options: object,
    kind: typeof ChronyConnectionError | typeof TypeError,
    message: string,
  ): Promise<void> => {
    const started = startMockChronyd('synchronized', options);
    await expect(started).rejects.toThrow(kind);
    await expect(started).rejects.toThrow(message);
  };
  const missing = join(dir, 'missing', 'chronyd.sock');
  await refuses({ path: missing }, ChronyConnectionError, `${missing}: ENOENT; its directory does not exist`);
  mkdirSync(join(dir, 'x'.repeat(100)));
  const long = join(dir, 'x'.repeat(100), 'chronyd.sock');
  await refuses({ path: long }, ChronyConnectionError, `${long}: the path has ${long.length} bytes`);
  await refuses({ path, port: 323 }, TypeError, 'path cannot be used with host or port');
  await refuses({ path: '' }, TypeError, 'path takes the path of a Unix socket, not ""');
  await refuses({ path: 5 }, TypeError, 'path takes the path of a Unix socket, not 5');
  expect(readdirSync(dir)).toEqual(['x'.repeat(100)]);
});
