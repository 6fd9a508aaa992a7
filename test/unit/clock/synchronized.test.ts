/** Waiting for a chronyd while the system denies access to its socket. */
import { afterEach, expect, it, vi } from 'vitest';
import { lookups } from '../../../src/client/dns.ts';
import { waitUntilSynchronized } from '../../../src/clock/synchronized.ts';
import { ChronyPermissionError } from '../../../src/index.ts';
import { startMockChronyd } from '../../../src/testing/index.ts';

/** The broadcast address of the loopback interface; sending to it always fails with EACCES. */
const DENIED = '127.255.255.255';

afterEach(() => {
  vi.restoreAllMocks();
});

it('keeps waiting if the denial is brief, as while chronyd starts', async () => {
  await using mock = await startMockChronyd('synchronized');
  const find = vi.spyOn(lookups, 'find').mockResolvedValue(['127.0.0.1']);
  find.mockResolvedValueOnce([DENIED]).mockResolvedValueOnce([DENIED]);
  const { stratum } = await waitUntilSynchronized({ address: `time.test:${mock.port}`, intervalMs: 10 });
  expect(stratum).toBeGreaterThan(0);
  expect(find).toHaveBeenCalledTimes(3);
});

it('fails if the denial lasts for a second', async () => {
  const start = performance.now();
  await expect(waitUntilSynchronized({ address: `${DENIED}:323`, intervalMs: 100 })).rejects.toThrow(
    ChronyPermissionError,
  );
  expect(performance.now() - start).toBeGreaterThan(990);
});
