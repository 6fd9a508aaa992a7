/** Figures of the long-running tests, for the table in their README. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** One row: the measured quantity, the result, and the command that repeats the measurement. */
export interface Figure {
  readonly what: string;
  readonly figure: string;
  readonly command: string;
}

/** Writes `build/reliability/NAME.json` and prints its path and content. */
export function writeFigures(name: string, figures: readonly Figure[]): void {
  const folder = 'build/reliability';
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${name}.json`);
  writeFileSync(file, `${JSON.stringify(figures, null, 2)}\n`);
  console.log(`${file}:`);
  for (const { what, figure } of figures) console.log(`  ${what}: ${figure}`);
}

/** An integer with its digits grouped in threes: `1 000 000`. */
export function grouped(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(?:\d{3})+$)/g, ' ');
}
