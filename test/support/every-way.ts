/** Every way to print every report, compared with a chronyc's on a chronyd that stands still. */
import { expect } from 'vitest';
import { ChronyError } from '../../src/index.ts';
import type { Chronyc } from './chronyc.ts';
import type { Chronyd } from './chronyd.ts';
import { FrozenChronyd } from './frozen.ts';
import { REPORTS } from './reports.ts';

/** The reports for which chronyc has `-a` and `-v`. */
export const PER_SOURCE: readonly string[] = ['sources', 'sourcestats', 'selectdata', 'authdata'];

export const COMMANDS: readonly (readonly string[])[] = REPORTS.flatMap((name) => [
  [name],
  ...(PER_SOURCE.includes(name)
    ? [
        [name, '-a'],
        [name, '-v'],
        [name, '-a', '-v'],
      ]
    : []),
  ...(name === 'ntpdata' ? [[name, '127.0.0.1']] : []),
]).flatMap((command) => [command, ['-c', ...command]]);

type Print = (address: string, ...args: readonly string[]) => Promise<string>;

/** What a chronyc prints of it; null where it says that there is nothing to print. */
export async function printedBy(
  chronyc: Chronyc,
  port: number,
  command: readonly string[],
): Promise<string | null> {
  const { status, stdout } = await chronyc.run('-h', '127.0.0.1', '-p', String(port), ...command);
  return status === 0 ? stdout : null;
}

/** What came of it. */
export interface Comparison {
  /** How many were the same. */
  readonly compared: number;
  /** The commands, without flags, of which there is nothing. */
  readonly without: ReadonlySet<string>;
}

/** Compares them as they stand now. Where chronyc says that there is nothing, ours must be a clear error. */
export async function compareAll(
  chronyc: Chronyc,
  chronyd: Chronyd,
  ours: Print,
  commands = COMMANDS,
): Promise<Comparison> {
  await using frozen = await FrozenChronyd.of(chronyd);
  let compared = 0;
  const without = new Set<string>();
  for (const command of commands) {
    const theirs = await printedBy(chronyc, frozen.port, command);
    if (theirs !== null) {
      expect(await ours(frozen.address, ...command), command.join(' ')).toBe(theirs);
      compared++;
      continue;
    }
    without.add(command.filter((word) => !word.startsWith('-')).join(' '));
    const error = await ours(frozen.address, ...command).catch((reason: unknown) => reason);
    expect(error, command.join(' ')).toBeInstanceOf(ChronyError);
  }
  return { compared, without };
}
