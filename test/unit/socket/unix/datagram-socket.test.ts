/**
 * When the socket polls for a reply, and how it handles errors, with a fake C
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
  it('binds a socket in a directory of its own and connects it', () => {
    // before the socket is bound, no other process can mistake the directory for an abandoned one
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

  it('leaves no files if the connection fails', () => {
    fake.connectFailure = 'ECONNREFUSED';
    expect(open).toThrow('connect ECONNREFUSED');
    expect(fake.closed).toBe(1);
    expect(readdirSync(directory)).toEqual([]);
    expect(failures).toEqual([]);
  });

  it('does not use a directory of another user', () => {
    fake.user += 1;
    expect(open).toThrow('EPERM');
    expect(fake.addresses).toEqual([]);
    expect(readdirSync(directory)).toEqual([]);
  });

  // the fake C library looks up an open directory in /proc, which only Linux has
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
  // the fake C library looks up an open directory in /proc, which only Linux has
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

  it('removes nothing from a directory that now belongs to another user', () => {
    const socket = open();
    const bound = dirname(fake.addresses[0] ?? '');
    fake.user += 1;
    socket.close();
    expect(readdirSync(bound)).toEqual(['s']);
  });
});

describe('polling', () => {
  it('runs only while waiting for a reply', () => {
    const socket = open();
    time.pass(20);
    expect(fake.polls).toBe(0);
    socket.send(REQUEST);
    time.pass(20);
    expect(fake.polls).toBe(0);
    socket.awaiting(true);
    time.pass(5);
    expect(fake.polls).toBeGreaterThan(0);
    socket.awaiting(false);
    const { polls } = fake;
    time.pass(30);
    expect(fake.polls).toBe(polls);
    expect(time.pending).toBe(0);
    socket.close();
  });

  it('runs at every turn for a millisecond, then less and less often', () => {
    const socket = open();
    socket.send(REQUEST);
    socket.awaiting(true);
    for (let turn = 1; turn <= 1 / TURN_MS; turn++) {
      time.pass(TURN_MS);
      expect(fake.polls).toBe(turn);
    }
    const eager = fake.polls;
    const times: number[] = [];
    for (let ms = 1; ms <= 100; ms++) {
      time.pass(1);
      if (fake.polls > eager + times.length) times.push(ms);
    }
    expect(times).toEqual([1, 3, 7, 15, 31, 47, 63, 79, 95]);
    socket.close();
    time.pass(1000);
    expect(fake.polls).toBe(eager + times.length);
    expect(time.pending).toBe(0);
  });

  it.each([0, 0.5, 1, 10, 50, 1000])('finds a reply after %d ms', (delayMs) => {
    const socket = open(() => socket.awaiting(false));
    for (const answer of [1, 2, 3]) {
      socket.send(REQUEST);
      socket.awaiting(true);
      time.pass(delayMs);
      fake.incoming.push(Uint8Array.of(answer));
      // at the next turn, or after the longest pause
      time.pass(delayMs < 1 ? 2 * TURN_MS : 16);
      expect(received).toHaveLength(answer);
      expect(received.at(-1)).toEqual(Uint8Array.of(answer));
    }
    socket.close();
  });

  it('takes no more datagrams than expected', () => {
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

  it('lets other work run during a flood', () => {
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

  it('still finds a reply, in a later turn of the event loop and after a pause', async () => {
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

  it('polls just as rarely', async () => {
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
  it.each(['EAGAIN', 'ENOBUFS', 'EINTR'] as const)(
    'sends later if there is no buffer space (%s)',
    (failure) => {
      const socket = open();
      fake.sendFailures.push(failure, failure, failure);
      socket.send(REQUEST);
      expect(fake.sent).toEqual([]);
      socket.awaiting(true);
      time.pass(4 * TURN_MS);
      expect(fake.sent).toEqual([REQUEST]);
      expect(failures).toEqual([]);
      socket.close();
    },
  );

  it('does not send a request whose reply is no longer expected', () => {
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

  it('reports a closed socket, but not from within send()', async () => {
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

  it('reports a failure to receive once', () => {
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

  it('closes once and reports nothing afterwards', () => {
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
