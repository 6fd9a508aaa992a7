import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cut, lineLength, span, styledLine } from '../../../src/cli/styled.ts';

function changed(now: string, before: string): string[] {
  return styledLine(now, [], before)
    .filter(({ styles }) => styles.includes('changed'))
    .map(({ text }) => text);
}

describe('the highlighted changes', () => {
  it.each([
    ['a 1 b', 'a 1 b', []],
    ['a 2 b', 'a 1 b', ['2']],
    ['a  22 b', 'a   1 b', ['22']],
    ['new line', '', []],
    ['^* 192.0.2.1 +12us[ +3us]', '^* 192.0.2.1 +12us[+1234us]', ['+12us[', '+3us]']],
  ])('%s after %s', (now, before, expected) => {
    expect(changed(now, before)).toEqual(expected);
  });

  it('are empty for a new line', () => {
    expect(styledLine('a b', []).flatMap(({ styles }) => styles)).toEqual([]);
  });
});

it('marks whole words at the first occurrence of the text', () => {
  const line = styledLine('Leap : Not synchronised Not', [{ text: 'Not synchronised', tone: 'bad' }]);
  const marked = line.filter(({ styles }) => styles.includes('bad')).map(({ text }) => text);
  expect(marked).toEqual(['Not', 'synchronised']);
  expect(styledLine('other', [{ text: 'Not', tone: 'bad' }])).toEqual([span('other')]);
});

it('styledLine() keeps the text of a line, and cut() keeps its beginning', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.nat(30), (now, before, columns) => {
      const line = styledLine(now, [], before);
      const text = (spans: typeof line): string => spans.map((each) => each.text).join('');
      expect(text(line)).toBe(now);
      expect(lineLength(line)).toBe(now.length);
      expect(text(cut(line, columns))).toBe(now.slice(0, columns));
    }),
  );
});
