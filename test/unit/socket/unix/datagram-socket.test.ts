/**
 * When the socket looks for an answer and when it does not, and what it does about errors, on a pretend C
 * library.
 */
import { mkdtempSync, readdirSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ChronyError } from '../../../../src/errors.ts';
import { UnixDatagramSocket } from '../../../../src/socket/unix/datagram-socket.ts';
import { realTimers, type SocketTimers } from '../../../../src/socket/unix/poller.ts';
import { FakeTime, TURN_MS } from '../../util/fake-time.ts';
import { FakeSocket } from './fake-libc.ts';

const REQUEST = Uint8Array.of(1, 2, 3);

let directory: string;
let path: string;
let fake: FakeSocket;
let time: FakeTime;
let received: Uint8Array[];
let failures: ChronyError[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'unix-test-'));
  path = join(directory, 'chronyd.sock');
  fake = new FakeSocket();
  time = new FakeTime();
  received = [];
  failures = [];
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(directory, { recursive: true, force: true });
});

function open(onDatagram = (): void => {}, timers: SocketTimers = time): UnixDatagramSocket {
  const listener = {
    datagram: (bytes: Uint8Array) => {
      received.push(bytes.slice());
      onDatagram();
    },
    failed: (error: ChronyError) => failures.push(error),
  };
  return new UnixDatagramSocket(fake.libc, path, listener, timers);
}

describe('opening', () => {
  it('binds a socket in a directory of our own and connects it', () => {
    // until it is bound, nobody takes the directory for one that was left
    fake.beforeBind = (bound) => {
      expect(statSync(dirname(bound)).mode & 0o7777).toBe(0o700);
    };
    const socket = open();
    const [bound = '', connected] = fake.addresses;
    expect(dirname(dirname(bound))).toBe(directory);
    expect(statSync(dirname(bound)).mode & 0o7777).toBe(0o711);
    expect(statSync(bound).mode & 0o7777).toBe(0o666);
    expect(connected).toBe(path);
    socket.close();
    expect(readdirSync(directory)).toEqual([]);
  });

  it('leaves nothing if it cannot be connected', () => {
    fake.connectFailure = 'ECONNREFUSED';
    expect(open).toThrow('connect ECONNREFUSED');
    expect(fake.closed).toBe(1);
    expect(readdirSync(directory)).toEqual([]);
    expect(failures).toEqual([]);
  });

  it('does not use a directory that is not ours', () => {
    fake.user += 1;
    expect(open).toThrow('EPERM');
    expect(fake.addresses).toEqual([]);
    expect(readdirSync(directory)).toEqual([]);
  });

  // The pretend C library looks up an open directory in /proc, which only Linux has.
  it.runIf(process.platform === 'linux')('changes no mode behind a symbolic link put in its place', () => {
    const elsewhere = mkdtempSync(join(tmpdir(), 'unix-test-'));
    fake.beforeBind = (bound) => {
      renameSync(dirname(bound), join(directory, 'moved'));
      symlinkSync(elsewhere, dirname(bound));
    };
    expect(open).toThrow('fchmodat ENOENT');
    const modes = readdirSync(elsewhere).map((name) => statSync(join(elsewhere, name)).mode & 0o022);
    expect(modes.filter((mode) => mode !== 0)).toEqual([]);
    rmSync(elsewhere, { recursive: true });
  });
});

describe('closing', () => {
  // The pretend C library looks up an open directory in /proc, which only Linux has.
  it.runIf(process.platform === 'linux')('removes nothing behind a symbolic link put in its place', () => {
    const elsewhere = mkdtempSync(join(tmpdir(), 'unix-test-'));
    writeFileSync(join(elsewhere, 's'), '');
    const socket = open();
    const bound = dirname(fake.addresses[0] ?? '');
    renameSync(bound, join(directory, 'moved'));
    symlinkSync(elsewhere, bound);
    socket.close();
    expect(fake.closed).toBe(1);
    expect(readdirSync(elsewhere)).toEqual(['s']);
    rmSync(elsewhere, { recursive: true });
  });

  it('removes nothing from a directory that is not ours any more', () => {
    const socket = open();
    const bound = dirname(fake.addresses[0] ?? '');
    fake.user += 1;
    socket.close();
    expect(readdirSync(bound)).toEqual(['s']);
  });
});

describe('waiting', () => {
  it('looks only while an answer is awaited', () => {
    const socket = open();
    time.pass(20);
    expect(fake.looks).toBe(0);
    socket.send(REQUEST);
    time.pass(20);
    expect(fake.looks).toBe(0);
    socket.awaiting(true);
    time.pass(5);
    expect(fake.looks).toBeGreaterThan(0);
    socket.awaiting(false);
    const { looks } = fake;
    time.pass(30);
    expect(fake.looks).toBe(looks);
    expect(time.pending).toBe(0);
    socket.close();
  });

  it('looks at every turn for a millisecond, and then more and more rarely', () => {
    const socket = open();
    socket.send(REQUEST);
    socket.awaiting(true);
    for (let turn = 1; turn <= 1 / TURN_MS; turn++) {
      time.pass(TURN_MS);
      expect(fake.looks).toBe(turn);
    }
    const eager = fake.looks;
    const looks: number[] = [];
    for (let ms = 1; ms <= 100; ms++) {
      time.pass(1);
      if (fake.looks > eager + looks.length) looks.push(ms);
    }
    expect(looks).toEqual([1, 3, 7, 15, 31, 47, 63, 79, 95]);
    socket.close();
    time.pass(1000);
    expect(fake.looks).toBe(eager + looks.length);
    expect(time.pending).toBe(0);
  });

  it.each([0, 0.5, 1, 10, 50, 1000])('finds an answer that comes after %d ms', (delayMs) => {
    const socket = open(() => socket.awaiting(false));
    for (const answer of [1, 2, 3]) {
      socket.send(REQUEST);
      socket.awaiting(true);
      time.pass(delayMs);
      fake.incoming.push(Uint8Array.of(answer));
      // at the next turn, or after the longest of its pauses
      time.pass(delayMs < 1 ? 2 * TURN_MS : 16);
      expect(received).toHaveLength(answer);
      expect(received.at(-1)).toEqual(Uint8Array.of(answer));
    }
    socket.close();
  });

  it('takes no more than is awaited', () => {
    const socket = open(() => {
      if (received.length === 2) socket.awaiting(false);
    });
    fake.incoming.push(Uint8Array.of(1), Uint8Array.of(), Uint8Array.of(3));
    socket.send(REQUEST);
    socket.awaiting(true);
    time.pass(100);
    expect(received).toEqual([Uint8Array.of(1), Uint8Array.of()]);
    socket.send(REQUEST);
    socket.awaiting(true);
    time.pass(100);
    expect(received).toEqual([Uint8Array.of(1), Uint8Array.of(), Uint8Array.of(3)]);
    socket.close();
  });

  it('lets others have their turn in a flood', () => {
    const socket = open();
    fake.incoming.push(...Array.from({ length: 100 }, () => REQUEST));
    socket.send(REQUEST);
    socket.awaiting(true);
    const batches: number[] = [];
    for (let turn = 0; turn < 8; turn++) {
      const { length } = received;
      time.pass(TURN_MS);
      batches.push(received.length - length);
    }
    expect(batches).toEqual([16, 16, 16, 16, 16, 16, 4, 0]);
    socket.close();
  });
});

describe("under a test's fake timers", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });

  it('finds an answer all the same, by turns and by pauses', async () => {
    for (const delayMs of [0, 20]) {
      const answered = new Promise<Uint8Array>((resolve, reject) => {
        const socket = new UnixDatagramSocket(fake.libc, path, {
          datagram: (bytes) => {
            resolve(bytes.slice());
            socket.close();
          },
          failed: reject,
        });
        socket.send(REQUEST);
        socket.awaiting(true);
      });
      await sleep(delayMs);
      fake.incoming.push(Uint8Array.of(delayMs));
      expect(await answered).toEqual(Uint8Array.of(delayMs));
    }
  });

  it('looks as rarely', async () => {
    const pauses: number[] = [];
    await new Promise<void>((resolve) => {
      const socket = open(() => {}, {
        ...realTimers,
        setTimeout: (callback, ms) => {
          pauses.push(ms);
          if (pauses.length === 6) {
            resolve();
            queueMicrotask(() => socket.close());
          }
          return realTimers.setTimeout(callback, ms);
        },
      });
      socket.send(REQUEST);
      socket.awaiting(true);
    });
    expect(pauses).toEqual([1, 2, 4, 8, 16, 16]);
  });
});

describe('errors', () => {
  it.each(['EAGAIN', 'ENOBUFS', 'EINTR'] as const)('sends later where there is no room (%s)', (failure) => {
    const socket = open();
    fake.sendFailures.push(failure, failure, failure);
    socket.send(REQUEST);
    expect(fake.sent).toEqual([]);
    socket.awaiting(true);
    time.pass(4 * TURN_MS);
    expect(fake.sent).toEqual([REQUEST]);
    expect(failures).toEqual([]);
    socket.close();
  });

  it('does not send what nobody waits for any more', () => {
    const socket = open();
    fake.sendFailures.push('EAGAIN');
    socket.send(REQUEST);
    socket.awaiting(true);
    socket.awaiting(false);
    socket.awaiting(true);
    time.pass(20);
    expect(fake.sent).toEqual([]);
    socket.close();
  });

  it('tells that nobody is there, but not from within send()', async () => {
    const socket = open();
    fake.sendFailures.push('ECONNREFUSED');
    socket.send(REQUEST);
    expect(failures).toEqual([]);
    await Promise.resolve();
    expect(failures.map(({ name, message }) => [name, message])).toEqual([
      [
        'ChronyConnectionError',
        expect.stringContaining(`${path}: ECONNREFUSED; no process listens on that socket`),
      ],
    ]);
    expect(fake.closed).toBe(1);
    expect(readdirSync(directory)).toEqual([]);
  });

  it('tells that receiving failed, once', () => {
    const socket = open();
    fake.incoming.push('EINTR', 'ECONNRESET', 'ECONNRESET');
    socket.send(REQUEST);
    socket.awaiting(true);
    time.pass(1);
    expect(failures.map(({ message }) => message)).toEqual([expect.stringContaining('ECONNRESET')]);
    socket.send(REQUEST);
    socket.awaiting(true);
    time.pass(20);
    expect(failures).toHaveLength(1);
    expect(fake.sent).toHaveLength(1);
  });

  it('closes once, and tells nothing after that', () => {
    const socket = open();
    fake.incoming.push(REQUEST);
    socket.send(REQUEST);
    socket.awaiting(true);
    socket.close();
    socket.close();
    time.pass(20);
    expect(fake.closed).toBe(1);
    expect([...received, ...failures]).toEqual([]);
  });
});
