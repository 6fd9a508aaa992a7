import { describe, expect, it } from 'vitest';
import { LeapStatus, SelectData, SelectOption, SelectState } from '../../../src/reports/index.ts';
import { data, decode } from './records.ts';
import { COUNT, FINITE, NON_NEGATIVE, names, orNull, REFERENCE_ID, testRules } from './rules.ts';

const OPTIONS = { accepts: [[], ['trust'], Object.values(SelectOption)], rejects: [['unknown'], ['']] };

describe('SelectData', () => {
  testRules(SelectData, data.selectdata, {
    referenceId: REFERENCE_ID,
    state: names(SelectState),
    leapStatus: names(LeapStatus),
    lastSampleAgo: orNull(COUNT),
    score: NON_NEGATIVE,
    lowLimit: FINITE,
    highLimit: FINITE,
  });

  it.each(['configuredOptions', 'effectiveOptions'] as const)('checks each value of %s', (property) => {
    for (const value of OPTIONS.accepts)
      expect(new SelectData({ ...data.selectdata, [property]: value })[property]).toEqual(value);
    for (const value of OPTIONS.rejects)
      expect(() => new SelectData({ ...data.selectdata, [property]: value })).toThrow(
        `invalid ${property}: ${value} (it must be one of: noselect, prefer, trust, require)`,
      );
  });

  it('does not share its lists with its input', () => {
    const configuredOptions: SelectOption[] = ['prefer'];
    const made = new SelectData({ ...data.selectdata, configuredOptions });
    configuredOptions.push('trust');
    expect(made.configuredOptions).toEqual(['prefer']);
    expect(made.configuredOptions).toSatisfy(Object.isFrozen);
  });
});

describe('the selectdata decoder', () => {
  it('names a reference clock, which has no address, by its reference ID', () => {
    expect(decode('selectdata', { 'reference ID': 0x47505300, address: null }).address).toBe('GPS');
  });

  it('reads authentication as a boolean, and 2³² − 1 seconds as never', () => {
    expect(decode('selectdata', { authentication: 0 }).authenticated).toBe(false);
    expect(decode('selectdata', { 'last sample ago': 0xffffffff }).lastSampleAgo).toBeNull();
  });

  it('accepts limits in the wrong order, which chronyd reports for a source that it rejects for this reason', () => {
    expect(decode('selectdata', { 'low limit': 1, 'high limit': -1 })).toMatchObject({
      lowLimit: 1,
      highLimit: -1,
    });
  });

  it.each([
    ['state', 'state', 0x3f],
    ['leap status', 'leapStatus', 4],
  ])('rejects a %s that the C library does not know', (field, property, value) => {
    const decoding = () => decode('selectdata', { [field]: { value } });
    expect(decoding).toThrow(`invalid ${property}: unknown (${value})`);
  });
});
