/** A shell in a project with the package installed, which runs the commands of the documents. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The script that is run as `chrony-wasm`: it adds this test's chronyd as the host, except for `fleet`, which has targets. */
function launcher(program: string, host: string): string {
  const asksHost = `[ "$1" = fleet ] || set -- --host '${host}' "$@"`;
  return `#!/bin/sh\n${asksHost}\nexec '${process.execPath}' '${program}' "$@"\n`;
}

export interface Ended {
  /** The exit status, or the signal that ended the process. */
  readonly status: number | NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export class Shell implements Disposable {
  readonly #dir = mkdtempSync(join(tmpdir(), 'documents-'));

  /**
   * @param program - the path of the command line
   * @param host - the address of chronyd
   * @param webConfig - the content of web.yml, which commands refer to and which refers to its certificates
   */
  constructor(program: string, host: string, webConfig: string) {
    const bin = join(this.#dir, 'node_modules/.bin');
    mkdirSync(bin, { recursive: true });
    writeFileSync(join(this.#dir, 'package.json'), '{ "private": true }');
    writeFileSync(join(bin, 'chrony-wasm'), launcher(program, host));
    chmodSync(join(bin, 'chrony-wasm'), 0o755);
    // the files that the commands expect the reader to have
    const certificate = [
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-subj',
      '/CN=clock',
    ];
    const files = ['-keyout', 'server.key', '-out', 'server.crt'];
    const options = { cwd: this.#dir, stdio: 'ignore' } as const;
    execFileSync('openssl', ['req', '-x509', ...certificate, ...files], options);
    copyFileSync(join(this.#dir, 'server.crt'), join(this.#dir, 'ca.crt'));
    writeFileSync(join(this.#dir, 'web.yml'), webConfig, { mode: 0o600 });
  }

  /**
   * Runs a command until it ends, or until its output shows that it has started: then the command gets Ctrl-C, which must
   * end it.
   *
   * @param readyOutput - the output that shows that it has started
   */
  async run(command: string, readyOutput?: RegExp): Promise<Ended> {
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', 'bash', '-euc', `exec ${command}`], {
      cwd: this.#dir,
      stdio: ['ignore', 'pipe', 'pipe'],
      // Makes a process group, as a shell in a terminal does.
      detached: true,
      env: { ...process.env, PATH: `${join(this.#dir, 'node_modules/.bin')}:${process.env['PATH']}` },
    });
    return ended(child, readyOutput);
  }

  [Symbol.dispose](): void {
    rmSync(this.#dir, { recursive: true, force: true });
  }
}

async function ended(child: ChildProcess, readyOutput: RegExp | undefined): Promise<Ended> {
  let pressed = false;
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.on('data', (chunk) => {
      output[name] += chunk;
      if (!pressed && readyOutput?.test(output.stdout + output.stderr)) {
        pressed = true;
        process.kill(-(child.pid ?? 0), 'SIGINT');
      }
    });
  }
  const [status, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return { status: status ?? signal, ...output };
}
