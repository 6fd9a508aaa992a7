/** A real chronyc, as the reference for comparisons. */
import { execFileSync, spawnSync } from 'node:child_process';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { Scenario } from '../../src/testing/index.ts';
import { mustRun, type Outcome, run } from '../system/package/support/run.ts';

/**
 * The folder with the real `chronyd` and `chronyc`: the system's, or Debian's, unpacked. With a suite, those of
 * that Debian suite. The environment variable `CHRONY_SUITE` sets the suite for all tests of a run.
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

/** The version of a chrony program, e.g. `4.6.1`. */
export function versionOf(program: string): string {
  const text = execFileSync(program, ['--version'], { encoding: 'utf8' });
  const version = /version (\d+\.\d+\S*)/.exec(text)?.[1];
  if (version === undefined) throw new Error(`no version in: ${text}`);
  return version;
}

/** Whether a version is `first` or later. 4.10 is later than 4.9. */
export function isSince(version: string, first: string): boolean {
  return version.localeCompare(first, 'en', { numeric: true }) >= 0;
}

/** The same time zone and locale for all compared programs. */
export const env = { TZ: 'UTC', LC_ALL: 'C' };

export class Chronyc {
  readonly version: string;
  /** The program and the flags of every call. */
  readonly command: readonly [program: string, ...flags: string[]];

  /** @param programs - the folder that contains `bin/chronyc` */
  constructor(programs: string) {
    const program = join(programs, 'bin/chronyc');
    this.version = versionOf(program);
    // since 4.8 chronyc switches to its own user, which may not exist and has no access to a test's socket
    this.command = [program, '-n', ...(this.isSince('4.8') ? ['-u', userInfo().username] : [])];
  }

  isSince(version: string): boolean {
    return isSince(this.version, version);
  }

  /** The reply types of a chronyd of the same version for serverstats and ntpdata. chronyc accepts no other types. */
  get replies(): Pick<Scenario, 'serverStatsReply' | 'ntpDataReply'> {
    return {
      serverStatsReply: this.isSince('4.4') ? 25 : this.isSince('4.2') ? 24 : 22,
      ntpDataReply: this.isSince('4.6') ? 26 : 16,
    };
  }

  /** Runs chronyc. A failure is part of the outcome and is not thrown. */
  run(...args: readonly string[]): Promise<Outcome> {
    const [program, ...flags] = this.command;
    return run(program, [...flags, ...args], { env });
  }

  /** The output for the server at a port of 127.0.0.1. */
  printAt(port: number, ...args: readonly string[]): Promise<string> {
    return this.print('-h', '127.0.0.1', '-p', String(port), ...args);
  }

  /** The output. Throws if chronyc fails. */
  print(...args: readonly string[]): Promise<string> {
    const [program, ...flags] = this.command;
    return mustRun(program, [...flags, ...args], { env });
  }
}

let found: Chronyc | undefined;

/** The chronyc installed beside the tests' chronyd. */
export function installedChronyc(): Chronyc {
  found ??= new Chronyc(findChrony());
  return found;
}
