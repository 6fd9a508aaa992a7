// Checks of Unix sockets that must pass in every runtime: `suite.mjs CHECK PATH` runs one check against the chronyd at PATH.
// The package under test is the `chrony-wasm` that this file resolves. Prints values for the caller, one line of JSON each; a
// failed check throws.
import assert from 'node:assert/strict';
import { lookup } from 'node:dns/promises';
import { lstatSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  ChronyConnection,
  ChronyConnectionError,
  ChronyError,
  ChronyPermissionError,
  ChronyTimeoutError,
  getServerStats,
  getTracking,
} from 'chrony-wasm';

const [, , check, path = '', ...args] = process.argv;
const directory = dirname(path);

/** The process's listeners that may exist only while a Unix socket is open. Node.js 20 has one of its own. */
function listeners() {
  return ['exit', 'SIGINT', 'SIGTERM', 'SIGHUP'].map((event) => process.listenerCount(event));
}
const listenersAtStart = listeners();

function print(value) {
  console.log(JSON.stringify(value));
}

/** The package's directories beside chronyd's socket. */
function clientDirectories() {
  return readdirSync(directory).filter((name) => name.startsWith('cw-'));
}

async function failure(promise) {
  return promise.then(
    () => assert.fail('the call must be rejected'),
    (error) => error,
  );
}

/** Starts a call of each copy of the package. @param other - the module of the other copy */
async function callBothCopies(other) {
  const copy = await import(other);
  assert.notEqual(copy.ChronyConnection, ChronyConnection);
  const connections = await Promise.all(
    [ChronyConnection, copy.ChronyConnection].map((each) =>
      each.open({ address: path, timeoutMs: 60_000, retries: 0 }),
    ),
  );
  return connections.map((chrony) => chrony.getTracking());
}

const checks = {
  /** All ten reports, including the four privileged ones. */
  async reports() {
    const chrony = await ChronyConnection.open(path);
    const [tracking, sources, stats, select, activity, auth, ntp, server, rtc, smoothing] = await Promise.all(
      [
        chrony.getTracking(),
        chrony.getSources(),
        chrony.getSourceStats(),
        chrony.getSelectData(),
        chrony.getActivity(),
        chrony.getAuthData(),
        chrony.getNtpData(),
        chrony.getServerStats(),
        chrony.getRtcData(),
        chrony.getSmoothing(),
      ],
    );
    assert.equal(tracking.isSynchronized(), true);
    assert.equal(tracking.referenceIp, '127.0.0.1');
    assert.equal(sources.length, 3);
    assert.equal(stats.length, 3);
    assert.equal(select.length, 3);
    assert.equal(activity.online + activity.offline, 2);
    assert.deepEqual(
      auth.map(({ address, mode }) => [address, mode]),
      [
        ['127.0.0.1', 'symmetric key'],
        ['127.0.0.2', 'none'],
      ],
    );
    assert.equal(ntp.length, 2);
    assert.ok(server.commandReceived > 0);
    assert.equal(rtc, null);
    assert.equal(typeof smoothing.active, 'boolean');
    assert.equal(chrony.address, path);
    // also in sequence on an open connection
    for (let i = 0; i < 20; i++) assert.equal((await chrony.getServerStats()).ntpDropped, 0);
    await chrony.close();
    assert.equal(typeof (await getServerStats(`unix:${path}`)).commandReceived, 'number');
  },

  /** An answer from a chronyd without sources. */
  async answers() {
    const stats = await getServerStats(path);
    assert.equal(typeof stats.commandReceived, 'number');
  },

  async 'errors for a path of no use'() {
    const empty = mkdtempSync(join(process.cwd(), 'test-'));
    const expectError = async (address, kind, code, pattern) => {
      const error = await failure(getTracking({ address, timeoutMs: 10_000, retries: 0 }));
      assert.ok(error instanceof kind, String(error));
      assert.ok(!(error instanceof ChronyTimeoutError), String(error));
      assert.equal(error.code, code);
      assert.match(error.message, pattern);
      assert.ok(error.message.startsWith(address), error.message);
    };
    const connection = 'ERR_CHRONY_CONNECTION';
    await expectError(
      join(empty, 'missing'),
      ChronyConnectionError,
      connection,
      /ENOENT; no socket is there/,
    );
    writeFileSync(join(empty, 'file'), '');
    await expectError(join(empty, 'file'), ChronyConnectionError, connection, /ENOTSOCK; it is not a socket/);
    await expectError(join(empty, 'file', 'x'), ChronyConnectionError, connection, /ENOTDIR/);

    const stream = createServer();
    await new Promise((listening) => stream.listen(join(empty, 'stream'), listening));
    await expectError(
      join(empty, 'stream'),
      ChronyConnectionError,
      connection,
      /EPROTOTYPE; it is another kind/,
    );
    await new Promise((closed) => stream.close(closed));

    // The limit is in bytes, not in characters.
    for (const long of [join(empty, 'x'.repeat(108)), join(empty, 'é'.repeat(50))]) {
      await expectError(long, ChronyConnectionError, 'ERR_CHRONY_ADDRESS', /the path has \d+ bytes/);
    }
    assert.deepEqual(
      readdirSync(empty).filter((name) => name.startsWith('cw-')),
      [],
    );
    rmSync(empty, { recursive: true });
  },

  async 'a path with other than ASCII characters'() {
    const temp = mkdtempSync(join(process.cwd(), 'test-'));
    const link = join(temp, 'häuser-日本');
    symlinkSync(directory, link);
    assert.equal(typeof (await getServerStats(join(link, 'chronyd.sock'))).commandReceived, 'number');
    rmSync(temp, { recursive: true });
  },

  /** Runs as a user who may not enter the directory. */
  async 'permission denied'() {
    const error = await failure(getTracking(path));
    assert.ok(error instanceof ChronyPermissionError, String(error));
    assert.equal(error.code, 'ERR_CHRONY_PERMISSION');
    assert.match(error.message, /EACCES.*Run as root or as chrony's user.*\bopencommands\b/);
  },

  /** Runs as a user who may enter the directory, but not write to it. */
  async 'permission to write denied'() {
    const error = await failure(getTracking(path));
    assert.ok(error instanceof ChronyPermissionError, String(error));
    assert.match(
      error.message,
      /EACCES; .* belongs to user \w+ and group \w+, mode 0750, and this user may not create/,
    );
  },

  async 'the client directory'() {
    const chrony = await ChronyConnection.open(path);
    const [name, ...more] = clientDirectories();
    assert.match(name, /^cw-\w{6}$/);
    assert.deepEqual(more, []);
    const ours = lstatSync(join(directory, name));
    assert.equal(ours.mode & 0o7777, 0o711);
    assert.equal(ours.isDirectory(), true);
    const socket = lstatSync(join(directory, name, 's'));
    assert.equal(socket.isSocket(), true);
    assert.equal(socket.mode & 0o7777, 0o666);
    // Deno returns the user only with an additional permission.
    assert.equal(ours.uid, lstatSync(process.argv[1]).uid);
    await chrony.getTracking();
    await chrony.close();
    assert.deepEqual(clientDirectories(), []);
  },

  async 'an idle connection'() {
    const chrony = await ChronyConnection.open(path);
    await chrony.getTracking();
    // The connection is not closed, but the process ends.
  },

  async 'process.exit()'() {
    const chrony = await ChronyConnection.open(path);
    await chrony.getTracking();
    assert.equal(clientDirectories().length, 1);
    process.exit(3);
  },

  /** The caller sends a signal. */
  async 'waits for a signal'() {
    const chrony = await ChronyConnection.open(path);
    await chrony.getTracking();
    print('ready');
    await sleep(30_000);
  },

  /** Opens the given number of sockets. The caller ends the process. */
  async 'holds sockets'() {
    const open = Array.from({ length: Number(args[0]) }, () => ChronyConnection.open(path));
    for (const chrony of await Promise.all(open)) await chrony.getTracking();
    print('ready');
    await sleep(30_000);
  },

  /** The caller sends a signal, which this program handles: it goes on. */
  async 'handles a signal'() {
    const chrony = await ChronyConnection.open(path);
    await chrony.getTracking();
    const signalled = new Promise((resolve) =>
      process.once('SIGTERM', () => resolve(process.listenerCount('SIGTERM'))),
    );
    print('ready');
    const alive = setInterval(() => {}, 1000);
    assert.equal(await signalled, 0);
    await sleep(100);
    await chrony.getTracking();
    clearInterval(alive);
    await chrony.close();
    assert.deepEqual(listeners(), listenersAtStart);
    process.exitCode = 5;
  },

  /** The caller sends a signal, which is handled as by the package signal-exit: that must be the only listener. */
  async 'counts the listeners of a signal'() {
    const listener = () => {
      if (process.listeners('SIGTERM').length > 1) return;
      process.off('SIGTERM', listener);
      process.kill(process.pid, 'SIGTERM');
    };
    process.on('SIGTERM', listener);
    const chrony = await ChronyConnection.open(path);
    await chrony.getTracking();
    print('ready');
    await sleep(30_000);
  },

  /** The caller sends a signal, for which a once-listener was added first. */
  async 'handled a signal before'() {
    const signalled = new Promise((resolve) => process.once('SIGTERM', resolve));
    const chrony = await ChronyConnection.open(path);
    await chrony.getTracking();
    print('ready');
    const alive = setInterval(() => {}, 1000);
    await signalled;
    await sleep(100);
    clearInterval(alive);
    await chrony.getTracking();
    await chrony.close();
  },

  /** Runs as the first process of a container, which the system does not end by a signal. */
  async 'a signal that does not end it'() {
    assert.equal(process.pid, 1);
    const chrony = await ChronyConnection.open(path);
    await chrony.getTracking();
    process.kill(process.pid, 'SIGTERM');
    await sleep(100);
    await chrony.getTracking();
    await chrony.close();
    assert.deepEqual(listeners(), listenersAtStart);
  },

  /** Each copy has a call in progress, since chronyd is frozen. The caller sends a signal. */
  async 'two copies wait for a reply'() {
    await callBothCopies(args[0]);
    print('ready');
    await sleep(30_000);
  },

  /** The same with a signal that this program handles: both calls are answered after the caller resumes chronyd. */
  async 'two copies leave a signal alone'() {
    const answers = await callBothCopies(args[0]);
    const signalled = new Promise((resolve) => process.once('SIGTERM', resolve));
    print('ready');
    await signalled;
    print('handled');
    await Promise.all(answers);
    process.exit();
  },

  /** A connection that is idle for longer than a socket is kept. */
  async 'idles for a while'() {
    const chrony = await ChronyConnection.open(path);
    await chrony.getTracking();
    await sleep(1300);
    await chrony.getTracking();
    await chrony.close();
    assert.deepEqual(clientDirectories(), []);
  },

  /** The caller stops and starts chronyd when this program prints a request to do so. */
  async 'a restart of chronyd'() {
    const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
    const chrony = await ChronyConnection.open({ address: path, timeoutMs: 10_000, retries: 0 });
    await chrony.getTracking();
    print('stop');
    await lines.next();
    const error = await failure(chrony.getTracking());
    assert.ok(error instanceof ChronyConnectionError, String(error));
    assert.ok(!(error instanceof ChronyTimeoutError), String(error));
    print('start');
    await lines.next();
    await chrony.getTracking();
    await chrony.close();
    process.exit();
  },

  /** chronyd is frozen. The caller resumes it when this program prints a request to do so. */
  async 'a frozen chronyd'() {
    const count = 64;
    let answered = 0;
    const connections = await Promise.all(
      Array.from({ length: count }, () =>
        ChronyConnection.open({ address: path, timeoutMs: 60_000, retries: 0 }),
      ),
    );
    const answers = connections.map((chrony) =>
      chrony.getTracking().then(() => {
        answered++;
      }),
    );
    // Wait until the first polls, in the next turns of the event loop, are over.
    await sleep(50);
    let ticks = 0;
    const ticking = setInterval(() => ticks++, 1);
    for (let i = 0; i < 20; i++) {
      await Promise.all(
        Array.from({ length: 10 }, () =>
          Promise.all([readFile(path.replace(/[^/]*$/, 'keys')), lookup('localhost')]),
        ),
      );
    }
    await sleep(200);
    clearInterval(ticking);
    assert.equal(answered, 0);
    // Blocking calls would make each turn of the event loop longer.
    assert.ok(ticks > 3, `only ${ticks} ticks`);
    assert.equal(clientDirectories().length, count);
    print('thaw');
    await Promise.all(answers);
    assert.equal(answered, count);
    await Promise.all(connections.map((chrony) => chrony.close()));
    assert.deepEqual(clientDirectories(), []);
  },

  async 'a timeout'() {
    const start = performance.now();
    const error = await failure(getTracking({ address: path, timeoutMs: 50, retries: 2 }));
    const ms = performance.now() - start;
    assert.ok(error instanceof ChronyTimeoutError, String(error));
    // Timers round down.
    assert.ok(ms >= 348, `${ms} ms`);
    assert.deepEqual(clientDirectories(), []);
  },

  /** Runs over UDP, and watches every way to load a foreign function interface. */
  async 'UDP loads nothing'() {
    const loaded = [];
    const { getBuiltinModule } = process;
    process.getBuiltinModule = (name) => {
      if (name.endsWith(':ffi')) loaded.push(name);
      return getBuiltinModule(name);
    };
    const deno = globalThis.Deno;
    if (deno !== undefined) deno.dlopen = () => loaded.push('Deno.dlopen');
    await getTracking(args[0]);
    // A socket that does not exist must not load one either.
    await failure(getTracking(join(directory, 'missing')));
    assert.deepEqual(loaded, []);
    assert.deepEqual(process.moduleLoadList?.filter((name) => /\bffi$/.test(name)) ?? [], []);
    if (process.versions.bun === undefined && deno === undefined) {
      const { sharedObjects } = process.report.getReport();
      assert.deepEqual(
        sharedObjects.filter((name) => name.includes('koffi')),
        [],
      );
    }
    assert.deepEqual(listeners(), listenersAtStart);
  },

  /** Runs in a runtime without a way to call libc. */
  async 'no backend'() {
    // Bun always has bun:ffi, so hide it.
    const { getBuiltinModule } = process;
    const withoutFfi = (name) => (name === 'bun:ffi' ? undefined : getBuiltinModule(name));
    if (process.versions.bun !== undefined) process.getBuiltinModule = withoutFfi;
    const error = await failure(getTracking(path));
    assert.ok(error instanceof ChronyConnectionError, String(error));
    assert.equal(error.code, 'ERR_CHRONY_NO_UNIX_SOCKET');
    assert.match(error.message, /\bopencommands .* ntpdata/);
    if (globalThis.Deno !== undefined) assert.match(error.message, /--allow-ffi/);
    else
      assert.match(
        error.message,
        /add koffi \((?:npm|pnpm|yarn|bun) .*koffi\).*Node\.js 26\.10 or later.*Bun/,
      );
    assert.deepEqual(clientDirectories(), []);
    const { startMockChronyd } = await import('chrony-wasm/testing');
    const mock = await failure(startMockChronyd('synchronized', { path: join(process.cwd(), 'mock.sock') }));
    assert.ok(mock instanceof ChronyConnectionError, String(mock));
    assert.equal(mock.code, 'ERR_CHRONY_NO_UNIX_SOCKET');
    assert.match(mock.message, /or omit path to use a mock over UDP$/);
  },

  /** A mock and several clients, all of this package. */
  async 'a mock at a Unix socket'() {
    const { startMockChronyd } = await import('chrony-wasm/testing');
    const temp = mkdtempSync(join(process.cwd(), 'test-'));
    const address = join(temp, 'chronyd.sock');
    const mock = await startMockChronyd('nts', { path: address });
    assert.equal(mock.address, address);
    const connections = await Promise.all([1, 2, 3].map(() => ChronyConnection.open(address)));
    const all = await Promise.all(connections.map((chrony) => chrony.getAuthData()));
    for (const records of all) {
      assert.deepEqual(
        records.map(({ mode }) => mode),
        ['NTS', 'NTS', 'symmetric key'],
      );
    }
    assert.ok(new Set(mock.requests.map(({ client }) => client)).size >= connections.length);
    await assert.rejects(startMockChronyd('rtc', { path: address }), /EADDRINUSE; the path already exists/);
    for (const chrony of connections) await chrony.close();
    await mock.close();
    assert.deepEqual(readdirSync(temp), []);
    rmSync(temp, { recursive: true });
  },

  /** Connects without an address, and prints the address that was found, or the error. */
  async automatic() {
    try {
      const chrony = await ChronyConnection.open({ timeoutMs: 1000, retries: 0 });
      await chrony.getTracking();
      print(chrony.address);
      await chrony.close();
    } catch (error) {
      assert.ok(error instanceof ChronyError);
      print({ name: error.name, message: error.message });
    }
  },
};

await checks[check]();
