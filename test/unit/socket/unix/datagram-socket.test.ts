/**
 * When the socket looks for an answer and when it does not, and what it does about errors, on a pretend C
 * library.
 */
import { mkdtempSync, readdirSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ChronyError } from '../../../../src/errors.ts';
import { UnixDatagramSocket } from '../../../../src/socket/unix/datagram-socket.ts';
import { FakeSocket } from './fake-libc.ts';

const REQUEST = Uint8Array.of(1, 2, 3);

let directory: string;
let path: string;
let fake: FakeSocket;
let received: Uint8Array[];
let failures: ChronyError[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'unix-test-'));
  path = join(directory, 'chronyd.sock');
  fake = new FakeSocket();
  received = [];
  failures = [];
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(directory, { recursive: true, force: true });
});

function open(onDatagram: (bytes: Uint8Array) => void = () => {}): UnixDatagramSocket {
  return new UnixDatagramSocket(fake.libc, path, {
    datagram: (bytes) => {
      received.push(bytes.slice());
      onDatagram(bytes);
    },
    failed: (error) => failures.push(error),
  });
}

describe('opening', () => {
  it('binds a socket in a directory of our own and connects it', () => {
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

describe('waiting', () => {
  it('looks only while an answer is awaited', async () => {
    const socket = open();
    await sleep(20);
    expect(fake.looks).toBe(0);
    socket.send(REQUEST);
    await sleep(5);
    expect(fake.looks).toBe(0);
    socket.awaiting(true);
    await sleep(5);
    expect(fake.looks).toBeGreaterThan(0);
    socket.awaiting(false);
    const { looks } = fake;
    await sleep(30);
    expect(fake.looks).toBe(looks);
    socket.close();
  });

  // again, where the machine was busy with something else meanwhile
  it("looks as rarely while a test's timers are fake", { retry: 20 }, async () => {
    vi.useFakeTimers();
    const socket = open();
    socket.send(REQUEST);
    socket.awaiting(true);
    await sleep(100);
    expect(fake.looks).toBeGreaterThan(0);
    const { looks } = fake;
    await sleep(200);
    expect(fake.looks - looks).toBeLessThanOrEqual(13);
    socket.close();
  });

  it('finds an answer whenever it comes', async () => {
    const socket = open(() => socket.awaiting(false));
    for (const delay of [0, 1, 10, 50]) {
      socket.send(REQUEST);
      socket.awaiting(true);
      await sleep(delay);
      fake.incoming.push(Uint8Array.of(delay));
      await expect.poll(() => received.at(-1), { interval: 1 }).toEqual(Uint8Array.of(delay));
    }
    expect(received).toHaveLength(4);
    socket.close();
  });

  it('takes no more than is awaited', async () => {
    const socket = open(() => {
      if (received.length === 2) socket.awaiting(false);
    });
    fake.incoming.push(Uint8Array.of(1), Uint8Array.of(), Uint8Array.of(3));
    socket.send(REQUEST);
    socket.awaiting(true);
    await expect.poll(() => received).toEqual([Uint8Array.of(1), Uint8Array.of()]);
    socket.send(REQUEST);
    socket.awaiting(true);
    await expect.poll(() => received).toEqual([Uint8Array.of(1), Uint8Array.of(), Uint8Array.of(3)]);
    socket.close();
  });

  it('lets others have their turn in a flood', async () => {
    const socket = open();
    fake.incoming.push(...Array.from({ length: 100 }, () => REQUEST));
    socket.send(REQUEST);
    socket.awaiting(true);
    await turn();
    expect(received.length).toBeLessThanOrEqual(32);
    await expect.poll(() => received).toHaveLength(100);
    socket.close();
  });
});

describe('errors', () => {
  it.each(['EAGAIN', 'ENOBUFS', 'EINTR'] as const)(
    'sends later where there is no room (%s)',
    async (failure) => {
      const socket = open();
      fake.sendFailures.push(failure, failure, failure);
      socket.send(REQUEST);
      expect(fake.sent).toEqual([]);
      socket.awaiting(true);
      await expect.poll(() => fake.sent).toEqual([REQUEST]);
      expect(failures).toEqual([]);
      socket.close();
    },
  );

  it('does not send what nobody waits for any more', async () => {
    const socket = open();
    fake.sendFailures.push('EAGAIN');
    socket.send(REQUEST);
    socket.awaiting(true);
    socket.awaiting(false);
    socket.awaiting(true);
    await sleep(20);
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
        expect.stringContaining(`${path}: ECONNREFUSED; nobody listens on that socket`),
      ],
    ]);
    expect(fake.closed).toBe(1);
    expect(readdirSync(directory)).toEqual([]);
  });

  it('tells that receiving failed, once', async () => {
    const socket = open();
    fake.incoming.push('EINTR', 'ECONNRESET', 'ECONNRESET');
    socket.send(REQUEST);
    socket.awaiting(true);
    await expect
      .poll(() => failures.map(({ message }) => message))
      .toEqual([expect.stringContaining('ECONNRESET')]);
    socket.send(REQUEST);
    socket.awaiting(true);
    await sleep(10);
    expect(failures).toHaveLength(1);
    expect(fake.sent).toHaveLength(1);
  });

  it('closes once, and tells nothing after that', async () => {
    const socket = open();
    fake.incoming.push(REQUEST);
    socket.send(REQUEST);
    socket.awaiting(true);
    socket.close();
    socket.close();
    await sleep(10);
    expect(fake.closed).toBe(1);
    expect([...received, ...failures]).toEqual([]);
  });
});
