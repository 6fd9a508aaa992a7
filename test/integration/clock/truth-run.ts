/**
 * `make truth`: checks ten million intervals against the true time, with several versions of chronyd, and writes the
 * figures. `TRUTH_INTERVALS` is the number of intervals; `TRUTH_SEED` is the seed of the first story.
 */
import { findChrony } from '../../support/chronyc.ts';
import { type Figure, grouped, writeFigures } from '../../support/figures.ts';
import { SUITES } from '../../system/versions/suites.ts';
import { CHAINED, CHARACTERS, type Outcome, play, SELDOM, type StoryOptions } from './story.ts';

const INTERVALS = Number(process.env['TRUTH_INTERVALS'] ?? 10_000_000);
const FIRST_SEED = Number(process.env['TRUTH_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const STORY_MS = 60_000;
/** The stories of one round, which run concurrently. */
const STORIES: readonly Omit<StoryOptions, 'seed' | 'ms'>[] = [
  { characters: CHARACTERS, turn: 12 },
  { characters: CHAINED, turn: 6, withoutGaps: true },
  { characters: CHARACTERS, turn: 6, scale: 10 },
  { characters: CHARACTERS, turn: 6, scale: 100 },
];
/** With chronyd's default poll intervals, a story must be longer than a round. */
const SELDOM_MS = Number(process.env['TRUTH_SELDOM_MS'] ?? 1_200_000);

/** The results of all stories by character and drift factor. */
const totals = new Map<string, Outcome>();
const versions = new Set<string>();

function add(scale: number, outcome: Outcome): void {
  versions.add(outcome.version);
  const name = `${outcome.name}${scale === 1 ? '' : `, drifts of ${scale} times as much`}`;
  const total = totals.get(name);
  totals.set(name, total === undefined ? { ...outcome, name } : sum(total, outcome));
}

function sum(one: Outcome, other: Outcome): Outcome {
  return {
    ...one,
    held: one.held + other.held,
    wrong: one.wrong + other.wrong,
    worstNs: Math.max(one.worstNs, other.worstNs),
    formulaWrong: one.formulaWrong + other.formulaWrong,
    formulaWorstNs: Math.max(one.formulaWorstNs, other.formulaWorstNs),
    boundNs: one.boundNs + other.boundNs,
    formulaNs: one.formulaNs + other.formulaNs,
  };
}

function count(key: 'held' | 'wrong'): number {
  return [...totals.values()].reduce((all, outcome) => all + outcome[key], 0);
}

async function playAndAdd(options: StoryOptions): Promise<void> {
  const { seed, scale = 1 } = options;
  for (const outcome of await play(options)) {
    add(scale, outcome);
    console.log(
      `seed ${seed}; chronyd ${outcome.version}; drifts × ${scale}; ${outcome.name}: ${text(outcome)}`,
    );
    for (const shown of outcome.shown) console.log('  WRONG:', shown);
  }
}

function text({ held, wrong, worstNs, boundNs, formulaNs, formulaWrong, formulaWorstNs }: Outcome): string {
  return (
    `${wrong} of ${grouped(held)} intervals wrong${by(worstNs)}, half-width ${us(boundNs / held)} on average; ` +
    `by ClockBound's formula ${grouped(formulaWrong)} wrong${by(formulaWorstNs)}, ${us(formulaNs / held)}`
  );
}

function by(ns: number): string {
  return ns === 0 ? '' : `, by up to ${us(ns)}`;
}

function us(ns: number): string {
  return `${(ns / 1000).toFixed(1)} µs`;
}

console.log(`the first seed is ${FIRST_SEED}`);
const suites = Object.keys(SUITES);
for (const suite of suites) findChrony(suite);
let seed = FIRST_SEED;
const seldom = suites.map((suite) =>
  playAndAdd({ seed: seed++, suite, characters: SELDOM, ms: SELDOM_MS, turn: 3, sceneMs: 120_000 }),
);
while (count('held') < INTERVALS) {
  for (const suite of suites) {
    await Promise.all(STORIES.map((story) => playAndAdd({ ...story, seed: seed++, suite, ms: STORY_MS })));
  }
}
await Promise.all(seldom);

const figures: readonly Figure[] = [...totals.values()].map((outcome) => ({
  what: `intervals of a bounded clock that do not hold the true time, chronyd ${[...versions].join(', ')}: ${outcome.name}`,
  figure: text(outcome),
  command: 'make truth',
}));
writeFigures('truth', figures);
if (count('wrong') > 0) throw new Error(`${count('wrong')} intervals did not hold the true time`);
