import { expect, it } from 'vitest';
import { frame } from '../../../../src/cli/watch/frame.ts';

const content = {
  title: 'chrony-wasm watch sources',
  details: '127.0.0.1:323, every 1 s',
  time: '2026-11-25 19:41:36 UTC',
  problem: undefined,
  body: [],
  courses: new Map<string, readonly (number | null)[]>([
    ['192.0.2.1', Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? 9.998e-6 : -9.998e-6))],
    ['2001:db8::2', [null]],
  ]),
};

function linesOf(columns: number, rows: number): string[] {
  return frame(content, { columns, rows }, true).map((line) => line.map(({ text }) => text).join(''));
}

it.each([60, 80, 104])('a chart with the last offset and the range fills %d columns', (columns) => {
  const chart = linesOf(columns, 24).find((line) => line.startsWith('192.0.2.1'));
  expect(chart).toMatch(/^192\.0\.2\.1 +[▁█]+ {2}-9998ns {2}\(-9998ns to \+9998ns\)$/);
  expect(chart).toHaveLength(columns);
});

it('limits the width of a chart', () => {
  const chart = linesOf(200, 24).find((line) => line.startsWith('192.0.2.1'));
  expect(chart?.match(/[▁█]/g)).toHaveLength(60);
});

it.each([1, 2, 3, 5, 6, 7])('fills %d rows and counts the omitted lines', (rows) => {
  const all = linesOf(80, 24);
  const shown = linesOf(80, rows);
  expect(shown).toHaveLength(Math.min(rows, all.length));
  const [, hidden = '0'] = /^\((\d+) more lines than fit here\)$/.exec(shown.at(-1) ?? '') ?? [];
  expect(shown.filter((line) => all.includes(line)).length + Number(hidden)).toBe(all.length);
});
