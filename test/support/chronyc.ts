/** A real chronyc, to compare with. */
import { execFileSync, spawnSync } from 'node:child_process';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { Scenario } from '../../src/testing/index.ts';
import { mustRun, type Outcome, run } from '../system/package/support/run.ts';

/**
 * The folder with the real `chronyd` and `chronyc`: the system's, or Debian's unpacked; or those of one of
 * Debian's suites, which all tests of a run can be given by the variable `CHRONY_SUITE`.
 */
export function findChrony(suite = process.env['CHRONY_SUITE']): string {
  const known = folders.get(suite);
  if (known !== undefined) return known;
  const args = suite === undefined ? [] : [suite];
  const { status, stdout, stderr } = spawnSync('test/support/find-chrony.sh', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr.trim());
  const folder = stdout.trim();
  folders.set(suite, folder);
  return folder;
}
const folders = new Map<string | undefined, string>();

/** The version of a program of chrony's, e.g. `4.6.1`. */
export function versionOf(program: string): string {
  const text = execFileSync(program, ['--version'], { encoding: 'utf8' });
  const version = /version (\d+\.\d+\S*)/.exec(text)?.[1];
  if (version === undefined) throw new Error(`no version in: ${text}`);
  return version;
}

/** True of a version that is the other or later: 4.10 is later than 4.9. */
export function isSince(version: string, first: string): boolean {
  return version.localeCompare(first, 'en', { numeric: true }) >= 0;
}

/** The same clock and language for all that is compared. */
export const env = { TZ: 'UTC', LC_ALL: 'C' };

export class Chronyc {
  readonly version: string;
  /** The program, and what it is always given. */
  readonly command: readonly [program: string, ...flags: string[]];

  /** @param programs the folder whose `bin` it is in. */
  constructor(programs: string) {
    const program = join(programs, 'bin/chronyc');
    this.version = versionOf(program);
    // since 4.8 it changes to a user of its own, who may not exist and may not use a test's socket
    this.command = [program, '-n', ...(this.isSince('4.8') ? ['-u', userInfo().username] : [])];
  }

  isSince(version: string): boolean {
    return isSince(this.version, version);
  }

  /** What a chronyd of its version replies to serverstats and ntpdata: it can read no other replies to these. */
  get replies(): Pick<Scenario, 'serverStatsReply' | 'ntpDataReply'> {
    return {
      serverStatsReply: this.isSince('4.4') ? 25 : this.isSince('4.2') ? 24 : 22,
      ntpDataReply: this.isSince('4.6') ? 26 : 16,
    };
  }

  /** Runs it, to whatever end. */
  run(...args: readonly string[]): Promise<Outcome> {
    const [program, ...flags] = this.command;
    return run(program, [...flags, ...args], { env });
  }

  /** What it prints of the server at a port of 127.0.0.1. */
  printAt(port: number, ...args: readonly string[]): Promise<string> {
    return this.print('-h', '127.0.0.1', '-p', String(port), ...args);
  }

  /** What it prints where it must succeed. */
  print(...args: readonly string[]): Promise<string> {
    const [program, ...flags] = this.command;
    return mustRun(program, [...flags, ...args], { env });
  }
}

let found: Chronyc | undefined;

/** The one beside the chronyd of the tests. */
export function installedChronyc(): Chronyc {
  found ??= new Chronyc(findChrony());
  return found;
}
