/** What all sources do, in one sentence. */
import { expect, it } from 'vitest';
import { sourcesText } from '../../../src/page/text/clock.ts';
import { makeSource } from '../../../src/testing/index.ts';
import { update } from '../../support/update.ts';

const silent = { reachability: 0, state: 'nonselectable' } as const;
const wrong = { state: 'falseticker' } as const;

it.each<[sources: readonly Parameters<typeof makeSource>[0][], words: string]>([
  [[], 'chronyd has no sources: its configuration names none.'],
  [[silent], 'Its only source does not answer.'],
  [[wrong], 'Its only source is a falseticker.'],
  [
    [silent, wrong, silent, { state: 'jittery' }, { state: 'nonselectable' }, {}],
    'Of 6 sources 2 do not answer, 1 is a falseticker, 1 varies too much, 1 answers, but cannot be followed yet, ' +
      '1 could be followed.',
  ],
])('%j', (sources, words) => {
  expect(sourcesText(update({ reports: { sources: sources.map((each) => makeSource(each)) } }))).toBe(words);
});
