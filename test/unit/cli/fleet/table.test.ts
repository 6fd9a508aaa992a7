/** The text output for the clocks of a fleet. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvOf, findingsOf, summaryOf, Table, worstFirst } from '../../../../src/cli/fleet/table.ts';
import type { Line } from '../../../../src/cli/styled.ts';
import type { ClockRow } from '../../../../src/fleet/row.ts';
import { topologyOf } from '../../../../src/fleet/topology.ts';
import { clock, follower, inLocalMode, source } from '../../fleet/rows.ts';

const NOW = 1_700_000_010;

function text(line: Line): string {
  return line.map((each) => each.text).join('');
}

function tableOf(rows: readonly ClockRow[]): string[] {
  const table = new Table(rows, NOW);
  return [table.heading, ...rows.map((row) => table.line(row))].map(text);
}

const OK = clock('a.example', { reference: '192.0.2.9', maxError: 0.0123, offset: -17e-6 });
const PENDING = clock('b.example', {
  state: 'pending',
  heard: null,
  maxError: null,
  offset: null,
  stratum: null,
  measurementAge: null,
});
const DEAD = clock('c.example', { state: 'critical', reasons: ['no answer'], heard: NOW - 3600 });
const WARNING = clock('d.example', { state: 'warning', reasons: ['stratum 5, above 4', 'skew 3 ppm'] });
const UNKNOWN = clock('e.example', { state: 'unknown', reasons: ['not allowed'], maxError: null });

it('sorts clocks by state, the worst first, then by error bound, the largest first', () => {
  const far = { ...OK, address: 'f.example', maxError: 0.2 };
  const unbounded = { ...OK, address: 'g.example', maxError: null };
  const rows = worstFirst([OK, PENDING, far, WARNING, unbounded, UNKNOWN, DEAD]);
  expect(rows.map(({ address }) => address[0]).join('')).toBe('cedbgfa');
});

it('makes each column as wide as its content', () => {
  expect(tableOf([DEAD, WARNING, OK, PENDING])).toEqual([
    'State     Target      Bound  Offset  Stratum  Follows    Why, or last measurement',
    'critical  c.example  1000us    +0ns        2  -          no answer; last heard 60 min ago',
    'warning   d.example  1000us    +0ns        2  -          stratum 5, above 4; skew 3 ppm',
    'ok        a.example    12ms   -17us        2  192.0.2.9  10 s ago',
    'pending   b.example       -       -        -  -          -',
  ]);
});

describe('the summary', () => {
  it.each<[string, readonly ClockRow[]]>([
    ['all 2 are ok', [OK, OK]],
    ['3 of 4 need attention: 1 critical, 1 unknown, 1 warning', [OK, DEAD, WARNING, UNKNOWN]],
    ['1 of 2 needs attention: 1 critical', [OK, DEAD]],
    ['1 of 3 needs attention: 1 critical; 1 not queried yet', [OK, DEAD, PENDING]],
    ['1 of 2 are ok; 1 not queried yet', [OK, PENDING]],
  ])('%s', (summary, rows) => {
    expect(text(summaryOf(rows))).toBe(summary);
  });
});

describe('the findings', () => {
  it('are suspected sources, loops and islands', () => {
    const accused = source('192.0.2.9', { state: 'falseticker', name: 'bad.example' });
    const rows = [
      follower('192.0.2.1', '192.0.2.3', [accused]),
      follower('192.0.2.2', '192.0.2.3', [accused]),
      inLocalMode('192.0.2.3'),
      follower('192.0.2.4', '192.0.2.5'),
      follower('192.0.2.5', '192.0.2.4'),
    ];
    expect(findingsOf(topologyOf(rows)).map(text)).toEqual([
      'suspected source 192.0.2.9 (bad.example): 2 of 2 clocks call it a falseticker',
      'loop: 192.0.2.4:323, 192.0.2.5:323 follow each other in a circle',
      'island: 192.0.2.1:323, 192.0.2.2:323, 192.0.2.3:323 follow nothing outside',
      'island: 192.0.2.4:323, 192.0.2.5:323 follow nothing outside',
    ]);
  });

  it('are limited to a few lines', () => {
    const followers = Array.from({ length: 20 }, (_, i) => follower(`192.0.2.${i}`, '192.0.2.100'));
    const pairs = Array.from({ length: 8 }, (_, i) => [
      follower(`198.51.100.${i}`, `203.0.113.${i}`),
      follower(`203.0.113.${i}`, `198.51.100.${i}`),
    ]).flat();
    const lines = findingsOf(topologyOf([...followers, inLocalMode('192.0.2.100'), ...pairs])).map(text);
    expect(lines).toHaveLength(12);
    expect(lines[5]).toBe('3 more loops');
    expect(lines[6]).toMatch(/^island: (?:[\d.]+:323, ){7}[\d.]+:323 and 13 more follow nothing outside$/);
    expect(lines[11]).toBe('4 more islands');
  });
});

it('writes all columns of the table as CSV, quoted where necessary', () => {
  expect(csvOf([{ ...OK, heard: NOW }, DEAD, { ...WARNING, reasons: ['said "no"', 'b'] }, PENDING])).toBe(
    [
      'ok,a.example,0.0123,-0.000017,2,192.0.2.9,,10,1700000010,',
      'critical,c.example,0.001,0,2,,,10,1699996410,no answer',
      'warning,d.example,0.001,0,2,,,10,1700000000,"said ""no""; b"',
      'pending,b.example,,,,,,,,',
      '',
    ].join('\n'),
  );
});

it('prints no control characters of the text that chronyd sends', () => {
  const any = fc.string({ unit: 'binary' });
  fc.assert(
    fc.property(any, any, any, (address, reference, reason) => {
      const row = clock(address, { state: 'warning', reference, reasons: [reason] });
      const sources = [source(address, { name: reference, state: 'falseticker' })];
      const rows = [row, ...['192.0.2.1', '192.0.2.2'].map((ip) => ({ ...clock(ip), sources }))];
      const printed = [
        ...tableOf(rows),
        ...findingsOf(topologyOf(rows)).map(text),
        ...csvOf(rows).trim().split('\n'),
      ];
      expect(printed.filter((line) => /[\p{Cc}\p{Cf}\p{Cs}]/u.test(line))).toEqual([]);
      expect(csvOf(rows).trimEnd().split('\n')).toHaveLength(rows.length);
    }),
  );
});
