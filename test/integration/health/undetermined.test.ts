/** Health that cannot be determined: the failures that give a state, the errors that are thrown, and the cleanup. */
import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { ChronyError, checkHealth, type HealthState } from '../../../src/index.ts';
import { ntpSource, scenario, startMockChronyd } from '../../../src/testing/index.ts';
import { encodeReply } from '../../../src/testing/reply.ts';
import { freePort } from '../../support/ports.ts';

/** Expects the state, without figures, and returns the reason for it. */
async function reasonFor(state: HealthState, address: string, timeoutMs = 10_000): Promise<string> {
  const health = await checkHealth({ address, timeoutMs, retries: 0 });
  expect(health).toEqual({ state, reasons: [expect.any(String)], figures: null });
  return health.reasons.join();
}

describe('a missing reply is critical', () => {
  it('an unreachable server', async () => {
    expect(await reasonFor('critical', `127.0.0.1:${await freePort()}`)).toContain('ECONNREFUSED');
    expect(await reasonFor('critical', '/nowhere/chronyd.sock')).toContain('/nowhere/chronyd.sock');
    expect(await reasonFor('critical', 'missing.invalid')).toContain(
      "cannot resolve the name 'missing.invalid'",
    );
  });

  it.each(['silence', 'garbage'] as const)('%s', async (name) => {
    await using mock = await startMockChronyd(name);
    expect(await reasonFor('critical', mock.address, 50)).toContain('no answer in 50 ms');
  });

  it('an endless list, although each reply arrives within the timeout', async () => {
    const sources = Array.from({ length: 500 }, (_, i) => ntpSource(`192.0.2.${i % 250}`));
    await using mock = await startMockChronyd(
      scenario('synchronized', { sources, faults: { delayMs: 900 } }),
    );
    expect(await checkHealth(mock.address)).toEqual({
      state: 'critical',
      reasons: [expect.stringContaining(`${mock.address}: not all reports arrived within 10000 ms`)],
      figures: null,
    });
  });
});

describe('a failure of the query itself is unknown', () => {
  it('an invalid address', async () => {
    expect(await reasonFor('unknown', 'no port:')).toContain("invalid address 'no port:'");
  });

  it.each(['tracking', 'sources'] as const)('no permission for %s', async (report) => {
    await using mock = await startMockChronyd(scenario('synchronized', { unauthorized: [report] }));
    expect(await reasonFor('unknown', mock.address)).toMatch(new RegExp(`^${report} from .*Unix socket`));
  });

  it('invalid values', async () => {
    await using mock = await startMockChronyd('synchronized', {
      intercept: (request, reply) =>
        request.code === 33 ? [encodeReply(5, request, { stratum: 99 })] : reply && [reply],
    });
    expect(await reasonFor('unknown', mock.address)).toContain('invalid stratum: 99');
  });
});

describe('throws', () => {
  it.each([new Error('enough'), new ChronyError('enough')])('the reason of an abort: %o', async (reason) => {
    await using mock = await startMockChronyd('silence');
    const stopping = new AbortController();
    const pending = checkHealth({ address: mock.address, signal: stopping.signal });
    await expect.poll(() => mock.requests.length).toBeGreaterThan(0);
    stopping.abort(reason);
    await expect(pending).rejects.toBe(reason);
    await expect(checkHealth({ address: mock.address, signal: stopping.signal })).rejects.toBe(reason);
    expect(getEventListeners(stopping.signal, 'abort')).toEqual([]);
  });

  it.each<[object, string]>([
    [{ timeoutMs: 0 }, 'timeoutMs'],
    [{ address: 5 }, 'address must be a string'],
    [{ signal: {} }, 'signal must be an AbortSignal'],
  ])('an error that names the invalid option: %o', async (options, message) => {
    await expect(checkHealth(options)).rejects.toThrow(message);
  });
});

it('leaves no timer and no listener behind', async () => {
  await using mock = await startMockChronyd('synchronized');
  const { signal } = new AbortController();
  const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const before = timers();
  for (let turn = 0; turn < 20; turn++) await checkHealth({ address: mock.address, signal });
  // fewer than the number of checks; other code may have left a few
  expect(timers() - before).toBeLessThan(10);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});
