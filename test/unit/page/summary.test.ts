/** The summary of the clock and of its sources on the page. */
import { expect, it } from 'vitest';
import { judgeHealth } from '../../../src/index.ts';
import { sourcesText, statusOf } from '../../../src/page/text/clock.ts';
import { makeSelectData, makeSource, makeTracking, testTime } from '../../../src/testing/index.ts';
import { update } from '../../support/update.ts';

const silent = { reachability: 0, state: 'nonselectable' } as const;
const wrong = { state: 'falseticker' } as const;

it.each<[sources: readonly Parameters<typeof makeSource>[0][], words: string]>([
  [[], 'No sources are configured in chronyd.'],
  [[silent], 'Its only source does not answer.'],
  [[wrong], 'Its only source is a falseticker.'],
  [
    [silent, wrong, silent, { state: 'jittery' }, { state: 'nonselectable' }, {}],
    'Of 6 sources 2 do not answer, 1 is a falseticker, 1 varies too much, 1 answers, but cannot be followed yet, ' +
      '1 could be followed.',
  ],
])('summarizes the sources %j', (sources, words) => {
  expect(sourcesText(update({ reports: { sources: sources.map((each) => makeSource(each)) } }))).toBe(words);
});

it('reports that no source is selected, unless chronyd is only waiting for the next measurement', () => {
  const [tracking, sources] = [makeTracking(), [makeSource({ state: 'selectable' })]];
  const status = (state: 'missing selectable sources' | 'waiting for update') => {
    const health = judgeHealth(
      tracking,
      sources,
      {},
      { selectData: [makeSelectData({ state })], time: testTime },
    );
    return statusOf(update({ health, reports: { tracking, sources } }));
  };
  expect(status('missing selectable sources')).toMatchObject({
    tone: 'critical',
    kind: 'no source',
    headline: 'This clock follows no source at present.',
    meaning: 'It last followed 192.0.2.1, and now drifts uncorrected. Its only source could be followed.',
  });
  expect(status('waiting for update')).toMatchObject({ tone: 'ok', kind: 'synchronized' });
});

it('the sum names the drift that chronyd does not allow for, and the remedy', () => {
  const tracking = makeTracking({ refTime: 1_800_000_000, offset: 0, rootDelay: 0, rootDispersion: 0.001 });
  const sum = (maxClockErrorPpm: number | null): string =>
    statusOf(
      update({
        health: judgeHealth(
          tracking,
          [makeSource({ state: 'selected' })],
          {},
          { time: 1_800_000_100, maxClockErrorPpm: maxClockErrorPpm ?? 0 },
        ),
        reports: { tracking, sources: [makeSource({ state: 'selected' })] },
        maxClockErrorPpm,
      }),
    ).sum;
  expect(sum(1)).toMatch(
    / \+ 4\.9\sms for drift .*\. Note: chronyd allows for a drift of 1 ppm only; .*maxclockerror 50/,
  );
  expect(sum(null)).toMatch(/ \+ 5\sms for drift [^.]*\.$/);
  expect(sum(50)).toMatch(/ of root dispersion \+ .+ for half of the root delay\.$/);
});
