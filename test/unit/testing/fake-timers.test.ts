/** A test's fake timers do not stop a mock, even if they replace every function that can be replaced. */
import timers from 'node:timers';
import { expect, it, onTestFinished, vi } from 'vitest';
import { checkHealth, getTracking } from '../../../src/index.ts';
import { scenario, startMockChronyd } from '../../../src/testing/index.ts';
import { Client } from './support.ts';

const delayed = scenario('synchronized', { faults: { delayMs: 20, jitterMs: 5 } });

it('a mock keeps running with the fake timers of Vitest', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const mock = await startMockChronyd(delayed);
  expect((await getTracking(mock.address)).stratum).toBe(3);
  expect((await checkHealth(mock.address)).state).toBe('ok');
  // the mock uses the clock that the test has set
  vi.setSystemTime('2035-01-01');
  expect((await checkHealth(mock.address)).state).toBe('ok');
  const times = mock.requests.map(({ time }) => time);
  expect(times).toEqual(times.toSorted((one, other) => one - other));
  expect(times.at(-1)).toBeGreaterThan(times[0] ?? Number.NaN);
  await mock.close();
});

/**
 * Replaces the same functions as Sinon, also in modules, with functions that never call back.
 *
 * @param ticks - `nextTick`, which Sinon replaces only on request
 */
function stopTime(ticks: readonly 'nextTick'[] = []): () => void {
  const never = (): number => 0;
  const places: [object, readonly string[]][] = [
    [
      globalThis,
      ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate', 'clearImmediate'],
    ],
    [globalThis, ['queueMicrotask']],
    [
      timers,
      ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate', 'clearImmediate'],
    ],
    [process, ['hrtime', ...ticks]],
    [performance, ['now']],
  ];
  const before = places.map(([place, names]) => names.map((name) => Reflect.get(place, name)));
  for (const [place, names] of places) {
    for (const name of names)
      Object.defineProperty(place, name, { value: never, writable: true, configurable: true });
  }
  return () => {
    for (const [index, [place, names]] of places.entries()) {
      for (const [at, name] of names.entries()) {
        const value = before[index]?.[at];
        Object.defineProperty(place, name, { value, writable: true, configurable: true });
      }
    }
  };
}

it('a mock and the library keep running with all replacements of Sinon', async () => {
  onTestFinished(stopTime());
  const mock = await startMockChronyd(delayed);
  const { stratum } = await getTracking(mock.address);
  const { state } = await checkHealth(mock.address);
  await mock.close();
  expect({ stratum, state }).toEqual({ stratum: 3, state: 'ok' });
});

it('a mock starts, answers and ends while everything is fake', async () => {
  const restart = stopTime(['nextTick']);
  onTestFinished(restart);
  const mock = await startMockChronyd(delayed);
  // the sockets of the test need real timers
  restart();
  await using client = await Client.of(mock);
  const stop = stopTime(['nextTick']);
  onTestFinished(stop);
  expect(await client.ask(33)).toMatchObject({ reply: 5 });
  await mock.close();
  stop();
  expect(mock.requests).toHaveLength(1);
});
