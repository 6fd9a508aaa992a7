/** Compares every report in every output format with chronyc's output, from a chronyd whose replies are frozen. */
import { expect } from 'vitest';
import { ChronyError } from '../../src/index.ts';
import type { Chronyc } from './chronyc.ts';
import type { Chronyd } from './chronyd.ts';
import { FrozenChronyd } from './frozen.ts';
import { REPORTS } from './reports.ts';

/** The reports for which chronyc supports `-a` and `-v`. */
export const PER_SOURCE: readonly string[] = ['sources', 'sourcestats', 'selectdata', 'authdata'];

type Command = readonly string[];

/** The commands for all reports and for the other queries. */
export const COMMANDS: readonly Command[] = [
  ...REPORTS,
  'clients',
  'clients -k',
  'clients -p 2',
  'manual list',
]
  .flatMap((name) => [
    name.split(' '),
    ...(PER_SOURCE.includes(name)
      ? [
          [name, '-a'],
          [name, '-v'],
          [name, '-a', '-v'],
        ]
      : []),
    ...(name === 'ntpdata' ? [[name, '127.0.0.1']] : []),
  ])
  .flatMap((command) => [command, ['-c', ...command]]);

/** The same commands with source names. Where chronyd does not report names, chronyc prints errors between the lines. */
export const NAMED: readonly Command[] = COMMANDS.map((command) => ['-N', ...command]);

/** The same commands with wide tables, with and without names. Since chronyc 4.9. */
export const WIDE: readonly Command[] = [...COMMANDS, ...NAMED].map((command) => ['-w', ...command]);

/** The options that chronyc accepts only before a command. */
const OUTER: ReadonlySet<string> = new Set(['-c', '-N', '-w']);

function outerOf(command: Command): readonly string[] {
  return command.filter((word) => OUTER.has(word));
}

/** All commands that a chronyc supports with a chronyd that reports names. */
export function everyCommand(chronyc: Chronyc): readonly Command[] {
  return [...COMMANDS, ...NAMED, ...(chronyc.isSince('4.9') ? WIDE : [])];
}

type Print = (address: string, ...args: readonly string[]) => Promise<string>;

/**
 * Groups commands so that one run of chronyc can print each group, since starting chronyc takes longer than
 * printing. Within a group, either all commands can be printed or none.
 */
export function groups(commands: readonly Command[] = COMMANDS): readonly (readonly Command[])[] {
  const found = new Map<string, Command[]>();
  for (const command of commands) {
    const key = `${outerOf(command)} ${withoutFlags(command)}`;
    found.set(key, [...(found.get(key) ?? []), command]);
  }
  return [...found.values()];
}

function withoutFlags(command: Command): string {
  return command.filter((word) => !word.startsWith('-')).join(' ');
}

/** The output of chronyc for the commands of one group; null if chronyc fails because there is nothing to print. */
export async function printedBy(
  chronyc: Chronyc,
  port: number,
  commands: readonly Command[],
): Promise<string | null> {
  const outer = outerOf(commands[0] ?? []);
  const lines = commands.map((command) => command.filter((word) => !OUTER.has(word)).join(' '));
  const { status, stdout } = await chronyc.run(
    ...['-h', '127.0.0.1', '-p', String(port), ...outer, '-m', ...lines],
  );
  return status === 0 ? stdout : null;
}

/** The result of a comparison. */
export interface Comparison {
  /** The number of commands with equal output. */
  readonly compared: number;
  /** The commands, without flags, for which chronyd has no data. */
  readonly without: ReadonlySet<string>;
}

/** Compares our output with chronyc's, for the same frozen replies. Where chronyc fails, ours must throw a ChronyError. */
export async function compareAll(
  chronyc: Chronyc,
  chronyd: Chronyd,
  ours: Print,
  commands = everyCommand(chronyc),
): Promise<Comparison> {
  await using frozen = await FrozenChronyd.of(chronyd);
  let compared = 0;
  const without = new Set<string>();
  for (const group of groups(commands)) {
    const theirs = await printedBy(chronyc, frozen.port, group);
    if (theirs === null) {
      without.add(withoutFlags(group[0] ?? []));
      for (const command of group) {
        const error = await ours(frozen.address, ...command).catch((reason: unknown) => reason);
        expect(error, command.join(' ')).toBeInstanceOf(ChronyError);
      }
      continue;
    }
    const printed: string[] = [];
    for (const command of group) printed.push(await ours(frozen.address, ...command));
    expect(printed.join('')).toBe(theirs);
    compared += group.length;
  }
  return { compared, without };
}
