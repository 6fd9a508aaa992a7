import { describe } from 'vitest';
import { Activity } from '../../../src/reports/index.ts';
import { data } from './records.ts';
import { COUNT, testRules } from './rules.ts';

describe('Activity', () => {
  testRules(Activity, data.activity, {
    online: COUNT,
    offline: COUNT,
    burstOnline: COUNT,
    burstOffline: COUNT,
    unresolved: COUNT,
  });
});
