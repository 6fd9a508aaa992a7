import { describe } from 'vitest';
import { ManualSample } from '../../../src/reports/index.ts';
import { data } from './records.ts';
import { FINITE, NON_NEGATIVE, testRules } from './rules.ts';

describe('ManualSample', () => {
  testRules(ManualSample, data['manual list'], {
    time: NON_NEGATIVE,
    slewedOffset: FINITE,
    originalOffset: FINITE,
    residual: FINITE,
  });
});
