/** Styled text for terminals: the words of a line that are highlighted, and how. */
import { styleText } from 'node:util';
import type { Mark, Tone } from '../chronyc/reports.ts';

export type Style = Tone | 'changed' | 'strong' | 'faint';

/** A piece of a line. */
export interface Span {
  readonly text: string;
  readonly styles: readonly Style[];
}

export type Line = readonly Span[];

const COLORS = { good: 'green', warning: 'yellow', bad: 'red' } as const;
const ATTRIBUTES = { changed: 'inverse', strong: 'bold', faint: 'dim' } as const;

export function span(text: string, ...styles: readonly Style[]): Span {
  return { text, styles };
}

function isColor(style: Style): style is Tone {
  return style in COLORS;
}

/** Formats a line for a terminal. Bold, faint and inverse are not colors, and are used even if `colors` is false. */
export function paint(line: Line, colors: boolean): string {
  return line
    .map(({ text, styles }) => {
      let painted = text;
      for (const style of styles) {
        if (!isColor(style)) painted = styleText(ATTRIBUTES[style], painted, { validateStream: false });
        else if (colors) painted = styleText(COLORS[style], painted, { validateStream: false });
      }
      return painted;
    })
    .join('');
}

/** Cuts a line after a number of columns. */
export function cut(line: Line, columns: number): Line {
  let room = columns;
  const kept: Span[] = [];
  for (const { text, styles } of line) {
    if (room <= 0) break;
    kept.push({ text: text.slice(0, room), styles });
    room -= text.length;
  }
  return kept;
}

export function lineLength(line: Line): number {
  return line.reduce((length, { text }) => length + text.length, 0);
}

/** Returns a test whether the word at a position differs from that of the previous line. */
function changes(words: readonly string[], before: string | undefined): (place: number) => boolean {
  const earlier = before?.match(/\S+/g);
  if (!earlier) return () => false;
  if (earlier.length === words.length) return (place) => words[place] !== earlier[place];
  // the number of columns changed: a word that was not in the line counts as changed
  return (place) => !earlier.includes(words[place] ?? '');
}

/**
 * Styles the marked and the changed words of a line.
 *
 * @param before - the same line of the previous record, to highlight changes
 */
export function styledLine(text: string, marks: readonly Mark[], before?: string): Line {
  const isChanged = changes(text.match(/\S+/g) ?? [], before);
  const marked = marks.map(({ text: word, tone }) => {
    const start = text.indexOf(word);
    return { tone, start, end: start < 0 ? start : start + word.length };
  });
  let place = 0;
  return [...text.matchAll(/\s+|\S+/g)].map(({ 0: word, index }) => {
    if (word.trim() === '') return span(word);
    const tones = marked.filter(({ start, end }) => start < index + word.length && index < end);
    return span(
      word,
      ...tones.map(({ tone }) => tone),
      ...(isChanged(place++) ? (['changed'] as const) : []),
    );
  });
}
