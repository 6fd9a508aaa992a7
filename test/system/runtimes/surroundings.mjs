// Checks of a process and its environment with a Unix socket: `surroundings.mjs CHECK PATH [ADDRESS]` runs one check against the
// chronyd at PATH, and over UDP at ADDRESS. As in suite.mjs, a failed check throws.
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import cluster from 'node:cluster';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import process from 'node:process';
import { ChronyConnection, getTracking } from 'chrony-wasm';

const [, program, check, path, address] = process.argv;

/** The package's directories beside chronyd's socket. */
function clientDirectories() {
  return readdirSync(dirname(path)).filter((name) => name.startsWith('cw-'));
}

async function exitOf(child) {
  const [status, signal] = await once(child, 'exit');
  return status ?? signal;
}

const checks = {
  /** Prints the error of a call, and the directories that it has left behind. */
  async error() {
    const error = await getTracking({ address: path, timeoutMs: 300, retries: 0 }).catch((reason) => reason);
    const { name, code, message } = error;
    console.log(JSON.stringify({ name, code, message, left: clientDirectories() }));
  },

  async 'changes its directory'() {
    const connections = await Promise.all([path, address].map((each) => ChronyConnection.open(each)));
    process.chdir('/');
    for (const chrony of connections) {
      await chrony.getTracking();
      await chrony.getSources();
      await chrony.close();
    }
    assert.deepEqual(clientDirectories(), []);
  },

  /** Forks children that also make requests, and end without closing their connections. */
  async 'forks with an open connection'() {
    const connections = await Promise.all([path, address].map((each) => ChronyConnection.open(each)));
    for (const chrony of connections) await chrony.getTracking();
    const own = clientDirectories();
    assert.equal(own.length, 1);
    const children = [1, 2, 3].map(() => fork(program, ['asks and exits', path, address]));
    assert.deepEqual(await Promise.all(children.map(exitOf)), [0, 0, 0]);
    assert.deepEqual(clientDirectories(), own);
    for (const chrony of connections) {
      await chrony.getTracking();
      await chrony.close();
    }
    assert.deepEqual(clientDirectories(), []);
  },

  async 'asks and exits'() {
    for (const each of [path, address]) await (await ChronyConnection.open(each)).getTracking();
    process.exit(0);
  },

  /** Workers of a cluster share ports, but must not share the sockets of this package. */
  async 'is a cluster'() {
    if (cluster.isPrimary) {
      const workers = [1, 2, 3, 4].map(() => cluster.fork());
      assert.deepEqual(await Promise.all(workers.map(exitOf)), [0, 0, 0, 0]);
      assert.deepEqual(clientDirectories(), []);
      return;
    }
    for (const each of [path, address]) {
      const chrony = await ChronyConnection.open({ address: each, timeoutMs: 10_000, retries: 0 });
      for (let i = 0; i < 50; i++) {
        const answers = await Promise.all([chrony.getTracking(), chrony.getTracking()]);
        assert.deepEqual(
          answers.map(({ stratum }) => stratum),
          [7, 7],
        );
      }
      await chrony.close();
    }
    process.exit(0);
  },
};

await checks[check]();
