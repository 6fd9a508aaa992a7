/**
 * A chronyd that runs as a different user, like Debian's: root starts it, and it switches to its user.
 */

import { once } from 'node:events';
import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { getTracking } from '../../../src/index.ts';
import { findChrony } from '../../support/chronyc.ts';
import { freePort } from '../../support/ports.ts';
import { type Child, spawn } from '../../support/spawn.ts';
import { tiedByShell } from '../../support/tied.ts';

/** A user that exists on every system and owns no files. */
export const NOBODY = { uid: 65534, gid: 65534 };
/** Another user in the same group. */
export const GROUP_MEMBER = { uid: 1, gid: NOBODY.gid };

export class OtherChronyd implements AsyncDisposable {
  readonly dir = mkdtempSync(join(tmpdir(), 'chronyd-'));
  readonly #process: Child;

  private constructor(port: number) {
    // like Debian's /run/chrony: owned by chronyd's user and readable for its group
    chownSync(this.dir, NOBODY.uid, NOBODY.gid);
    chmodSync(this.dir, 0o750);
    const config = join(this.dir, 'chrony.conf');
    writeFileSync(
      config,
      `port 0\ncmdport ${port}\nbindcmdaddress 127.0.0.1\nbindcmdaddress ${this.socketPath}\npidfile ${this.dir}/chronyd.pid\n`,
    );
    const args = ['-d', '-x', '-u', 'nobody', '-f', config];
    this.#process = spawn(...tiedByShell(join(findChrony(), 'bin/chronyd'), ...args), {
      stdio: ['ignore', 'ignore', 'ignore'],
    });
  }

  static async start(): Promise<OtherChronyd> {
    const port = await freePort();
    const chronyd = new OtherChronyd(port);
    for (const end = performance.now() + 60_000; performance.now() < end; await sleep(50)) {
      const answer = await getTracking({ address: `127.0.0.1:${port}`, timeoutMs: 200, retries: 0 }).catch(
        () => null,
      );
      if (answer !== null) return chronyd;
    }
    await chronyd[Symbol.asyncDispose]();
    throw new Error('the other chronyd does not answer');
  }

  get socketPath(): string {
    return join(this.dir, 'chronyd.sock');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      const exited = once(this.#process, 'exit');
      this.#process.kill('SIGTERM');
      await exited;
    }
    rmSync(this.dir, { recursive: true, force: true });
  }
}
