/** Figures of the long-running tests, for their README's table. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** One row: what was measured, what came out, and the command that does it again. */
export interface Figure {
  readonly what: string;
  readonly figure: string;
  readonly command: string;
}

/** Writes `build/reliability/NAME.json`, and says so. */
export function writeFigures(name: string, figures: readonly Figure[]): void {
  const folder = 'build/reliability';
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${name}.json`);
  writeFileSync(file, `${JSON.stringify(figures, null, 2)}\n`);
  console.log(`${file}:`);
  for (const { what, figure } of figures) console.log(`  ${what}: ${figure}`);
}

/** A number as it is read easily: `1 000 000`. */
export function grouped(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(?:\d{3})+$)/g, ' ');
}
