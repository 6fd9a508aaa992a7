/** The records of all reports are assigned to the right source. */
import { expect, it } from 'vitest';
import { sourceRecords } from '../../../src/page/update.ts';
import {
  makeAuthData,
  makeNtpData,
  makeSelectData,
  makeSource,
  makeSourceStats,
} from '../../../src/testing/index.ts';
import { update } from '../../support/update.ts';

it('distinguishes reference clocks with the same name', () => {
  const clock = { address: 'GPS', mode: 'reference clock' } as const;
  const sources = [
    makeSource({ ...clock, state: 'selected' }),
    makeSource({ address: '192.0.2.1', state: 'unselected' }),
    makeSource({ ...clock, state: 'jittery' }),
  ];
  const records = sourceRecords(
    sources,
    update({
      reports: {
        sources,
        sourcestats: [
          makeSourceStats({ address: 'GPS', samples: 1 }),
          makeSourceStats({ address: '192.0.2.1', samples: 2 }),
          makeSourceStats({ address: 'GPS', samples: 3 }),
        ],
        selectdata: [
          makeSelectData({ address: 'GPS', state: 'best' }),
          makeSelectData({ address: 'GPS', state: 'jittery' }),
        ],
        authdata: [makeAuthData({ address: '192.0.2.1' })],
        ntpdata: [makeNtpData({ remoteAddress: '192.0.2.1' })],
      },
    }),
  );
  const shown = records.map(({ source, stats, select, auth, ntp }) => [
    ...[source.address, source.state, stats?.samples, select?.state],
    ...[auth?.address, ntp?.remoteAddress],
  ]);
  expect(shown).toEqual([
    ['GPS', 'selected', 1, 'best', undefined, undefined],
    ['192.0.2.1', 'unselected', 2, undefined, '192.0.2.1', '192.0.2.1'],
    ['GPS', 'jittery', 3, 'jittery', undefined, undefined],
  ]);
  expect(new Set(records.map(({ key }) => key)).size).toBe(3);
});
