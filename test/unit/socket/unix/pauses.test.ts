/** How often the socket looks for an answer, by a clock that goes when it is told to. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { UnixDatagramSocket } from '../../../../src/socket/unix/datagram-socket.ts';
import { FakeSocket } from './fake-libc.ts';

// it takes Node's own timers, so that those of tests do not stop it; here they are to
vi.mock('node:timers', () => ({
  setTimeout: (...args: Parameters<typeof setTimeout>) => globalThis.setTimeout(...args),
  clearTimeout: (timer: NodeJS.Timeout) => globalThis.clearTimeout(timer),
  setImmediate: (...args: Parameters<typeof setImmediate>) => globalThis.setImmediate(...args),
  clearImmediate: (immediate: NodeJS.Immediate) => globalThis.clearImmediate(immediate),
}));

const clock = vi.hoisted(() => ({ now: 0 }));
vi.mock('../../../../src/util/timers.ts', () => ({ monotonicMs: () => clock.now }));

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'unix-test-'));
  clock.now = 0;
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'clearImmediate'] });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
  rmSync(directory, { recursive: true, force: true });
});

it('looks at every turn for a millisecond, and then more and more rarely', () => {
  const fake = new FakeSocket();
  const nothing = { datagram: () => {}, failed: (error: Error) => expect.fail(error.message) };
  const socket = new UnixDatagramSocket(fake.libc, join(directory, 'chronyd.sock'), nothing);
  socket.send(Uint8Array.of(1, 2, 3));
  socket.awaiting(true);
  for (let turn = 1; turn <= 100; turn++) {
    clock.now = turn / 101;
    vi.advanceTimersToNextTimer();
    expect(fake.looks).toBe(turn);
  }
  clock.now = 1;
  vi.advanceTimersToNextTimer();
  const eager = fake.looks;
  const looks: number[] = [];
  for (let ms = 1; ms <= 100; ms++) {
    vi.advanceTimersByTime(1);
    if (fake.looks > eager + looks.length) looks.push(ms);
  }
  expect(looks).toEqual([1, 3, 7, 15, 31, 47, 63, 79, 95]);
  socket.close();
  vi.advanceTimersByTime(1000);
  expect(fake.looks).toBe(eager + looks.length);
});
