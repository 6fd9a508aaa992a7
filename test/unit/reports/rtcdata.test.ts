import { describe, expect, it } from 'vitest';
import { RtcData } from '../../../src/reports/index.ts';
import { data } from './records.ts';
import { COUNT, FINITE, NON_NEGATIVE, testRules } from './rules.ts';

describe('RtcData', () => {
  testRules(RtcData, data.rtcdata, {
    refTime: NON_NEGATIVE,
    samples: COUNT,
    runs: COUNT,
    span: COUNT,
    offset: FINITE,
    freqOffset: FINITE,
  });

  it.each([
    [0, false],
    [1, true],
  ])('%i samples: isCalibrated() is %s', (samples, calibrated) => {
    expect(new RtcData({ ...data.rtcdata, samples }).isCalibrated()).toBe(calibrated);
  });
});
