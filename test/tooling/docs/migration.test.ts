/** Each column of chronyc has the value of the property that the migration page gives for it, with a real chronyd. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { getSources, getTracking } from '../../../src/index.ts';
import { installedChronyc } from '../../support/chronyc.ts';
import { FrozenChronyd } from '../../support/frozen.ts';
import { type Pair, startPair } from '../../support/pair.ts';

const page = readFileSync('src/MIGRATION.md', 'utf8');

/** The property of each column, in order. */
function columnsOf(command: string): readonly string[] {
  const [, table = ''] = page.split(`| \`chronyc -c -n ${command}\` |`);
  const [rows = ''] = table.split('\n\n');
  return Array.from(rows.matchAll(/^\| \d+ \| `(\w+)`/gm), ([, name = '']) => name);
}

const SYMBOLS: Readonly<Record<string, string>> = {
  client: '^',
  peer: '=',
  'reference clock': '#',
  selected: '*',
  selectable: '+',
  unselected: '-',
  nonselectable: '?',
  falseticker: 'x',
  jittery: '~',
};

/** Values that chronyc does not print as decimal numbers. */
const AS_PRINTED: Readonly<Record<string, (value: unknown) => string>> = {
  referenceId: (value) => Number(value).toString(16).toUpperCase().padStart(8, '0'),
  reachability: (value) => Number(value).toString(8),
  lastSampleAgo: (value) => String(value ?? 2 ** 32 - 1),
  leapStatus: (value) => String(value).replace(/^./, (letter) => letter.toUpperCase()),
  mode: (value) => SYMBOLS[String(value)] ?? '',
  state: (value) => SYMBOLS[String(value)] ?? '',
};

function expectColumn(column: string, name: string, record: object): void {
  const { [name]: value }: Readonly<Record<string, unknown>> = { ...record };
  const asPrinted = AS_PRINTED[name];
  if (typeof value === 'number' && asPrinted === undefined) {
    const decimals = column.split('.')[1]?.length ?? 0;
    expect(Math.abs(Number(column) - value), `${name}: ${column}`).toBeLessThanOrEqual(
      0.51 * 10 ** -decimals,
    );
  } else expect(column, name).toBe(asPrinted?.(value) ?? value);
}

let pair: Pair;
let frozen: FrozenChronyd;
beforeAll(async () => {
  pair = await startPair();
  frozen = await FrozenChronyd.of(pair.client);
});
afterAll(async () => {
  await frozen?.[Symbol.asyncDispose]();
  await pair?.[Symbol.asyncDispose]();
});

describe.each([
  ['tracking', 14, async () => [await getTracking(frozen.address)]],
  ['sources', 10, async () => await getSources(frozen.address)],
] as const)('chronyc -c -n %s', (command, count, ask) => {
  it('prints the values of the documented properties', async () => {
    const columns = columnsOf(command);
    expect(columns).toHaveLength(count);
    const printed = await installedChronyc().printAt(frozen.port, '-c', '-n', command);
    const lines = printed.trimEnd().split('\n');
    const records: readonly object[] = await ask();
    expect(records).toHaveLength(lines.length);
    for (const [i, record] of records.entries()) {
      const cells = lines[i]?.split(',') ?? [];
      expect(cells).toHaveLength(count);
      for (const [j, name] of columns.entries()) expectColumn(cells[j] ?? '', name, record);
    }
  });
});
