/**
 * The sizes of the package and the instruction counts of the C core do not change unnoticed. After an intended change,
 * `RECORD=1 npx vitest run test/tooling/guard` records the new values.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sizesOf } from '../../bench/size.ts';
import { Project } from '../../system/package/support/build.ts';
import { compilerVersion, countInstructions } from './instructions.ts';

const FILE = join(import.meta.dirname, 'recorded.json');

interface Recorded {
  /** The major version of gcc. */
  readonly compiler: string;
  readonly instructions: Readonly<Record<string, number>>;
  readonly bytes: Readonly<Record<string, number>>;
}

const TOLERANCE = 0.05;
/** Another compiler version generates different code, but of a similar size. */
const TOLERANCE_OF_COMPILERS = 0.5;

const recorded: Recorded = JSON.parse(readFileSync(FILE, 'utf8'));
let now: Recorded;

beforeAll(async () => {
  await using project = await Project.make();
  now = {
    compiler: await compilerVersion(),
    instructions: await countInstructions(),
    bytes: { ...(await sizesOf(project)) },
  };
});
afterAll(() => {
  if (process.env['RECORD'] !== undefined) writeFileSync(FILE, `${JSON.stringify(now, null, 2)}\n`);
});

/** The values that differ from the recorded ones by more than the tolerance, a fraction of the recorded value. */
function changed(
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
  tolerance: number,
): readonly string[] {
  return Object.keys({ ...before, ...after })
    .filter((name) => !(Math.abs((after[name] ?? 0) / (before[name] ?? 0) - 1) <= tolerance))
    .map((name) => `${name}: ${before[name]} recorded, ${after[name]} now`);
}

it('the C core takes the recorded number of instructions for each report', () => {
  const tolerance = now.compiler === recorded.compiler ? TOLERANCE : TOLERANCE_OF_COMPILERS;
  expect(changed(recorded.instructions, now.instructions, tolerance)).toEqual([]);
});

it('the package has the recorded sizes', () => {
  expect(changed(recorded.bytes, now.bytes, TOLERANCE)).toEqual([]);
});
