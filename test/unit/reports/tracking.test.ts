import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LeapStatus, TrackingStatus } from '../../../src/reports/index.ts';
import { data, decode } from './records.ts';
import { FINITE, NON_NEGATIVE, names, REFERENCE_ID, STRATUM, testRules } from './rules.ts';

const make = (changes: Partial<typeof data.tracking>) => new TrackingStatus({ ...data.tracking, ...changes });

describe('TrackingStatus', () => {
  testRules(TrackingStatus, data.tracking, {
    referenceId: REFERENCE_ID,
    stratum: STRATUM,
    leapStatus: names(LeapStatus),
    refTime: NON_NEGATIVE,
    offset: FINITE,
    lastOffset: FINITE,
    rmsOffset: NON_NEGATIVE,
    frequency: FINITE,
    residualFreq: FINITE,
    skew: NON_NEGATIVE,
    rootDelay: NON_NEGATIVE,
    rootDispersion: NON_NEGATIVE,
    updateInterval: NON_NEGATIVE,
  });

  it('has fifteen properties', () => {
    expect(Object.keys(make({}))).toHaveLength(15);
  });

  it.each([
    { referenceId: 1, stratum: 0, leapStatus: LeapStatus.NORMAL, synchronized: true },
    { referenceId: 1, stratum: 15, leapStatus: LeapStatus.NORMAL, synchronized: true },
    { referenceId: 1, stratum: 15, leapStatus: LeapStatus.INSERT, synchronized: true },
    { referenceId: 1, stratum: 15, leapStatus: LeapStatus.DELETE, synchronized: true },
    { referenceId: 1, stratum: 15, leapStatus: LeapStatus.UNSYNC, synchronized: false },
    { referenceId: 1, stratum: 16, leapStatus: LeapStatus.NORMAL, synchronized: false },
    { referenceId: 1, stratum: 16, leapStatus: LeapStatus.UNSYNC, synchronized: false },
    { referenceId: 0, stratum: 15, leapStatus: LeapStatus.NORMAL, synchronized: false },
    { referenceId: 0, stratum: 15, leapStatus: LeapStatus.UNSYNC, synchronized: false },
    { referenceId: 0, stratum: 16, leapStatus: LeapStatus.NORMAL, synchronized: false },
    { referenceId: 0, stratum: 16, leapStatus: LeapStatus.UNSYNC, synchronized: false },
  ])('reference ID $referenceId, stratum $stratum, $leapStatus: isSynchronized() is $synchronized', (row) => {
    const { synchronized, ...changes } = row;
    expect(make(changes).isSynchronized()).toBe(synchronized);
  });

  it.each([
    [LeapStatus.NORMAL, false],
    [LeapStatus.INSERT, true],
    [LeapStatus.DELETE, true],
    [LeapStatus.UNSYNC, false],
  ])('leap status %s: isLeapPending() is %s', (leapStatus, pending) => {
    expect(make({ leapStatus }).isLeapPending()).toBe(pending);
  });

  it('adds offset, dispersion and half the delay to maxError(), whatever the sign of the offset', () => {
    const parts = { rootDelay: 0.5, rootDispersion: 0.125 };
    expect(make({ ...parts, offset: 2 }).maxError()).toBe(2.375);
    expect(make({ ...parts, offset: -2 }).maxError()).toBe(2.375);
  });

  it('has a maxError() that is never below the offset', () => {
    const size = fc.double({ min: 0, max: 1e6, noNaN: true });
    const either = fc.double({ min: -1e6, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(either, size, size, (offset, rootDelay, rootDispersion) => {
        const error = make({ offset, rootDelay, rootDispersion }).maxError();
        expect(error).toBeGreaterThanOrEqual(Math.abs(offset));
      }),
    );
  });
});

describe('the tracking decoder', () => {
  it('names the reference by its address where there is one, however textual its ID looks', () => {
    expect(decode('tracking', { 'reference ID': 0x41424344, address: '65.66.67.68' })).toMatchObject({
      referenceIdName: '65.66.67.68',
      referenceIp: '65.66.67.68',
    });
  });

  it.each([
    { what: 'a reference clock', id: 0x47505300, name: 'GPS' },
    { what: 'local mode', id: 0x7f7f0101, name: '127.127.1.1' },
    { what: 'no reference', id: 0, name: '' },
  ])('names $what "$name" and gives it no address', ({ id, name }) => {
    expect(decode('tracking', { 'reference ID': id, address: null })).toMatchObject({
      referenceId: id,
      referenceIdName: name,
      referenceIp: null,
    });
  });

  it('takes what chronyd says before it is synchronised', () => {
    const status = decode('tracking', {
      'reference ID': 0,
      address: null,
      stratum: 0,
      'leap status': { value: 3, name: 'not synchronized' },
      'reference time': 0,
      'RMS offset': 0,
      skew: 0,
      'root delay': 1,
      'root dispersion': 1,
      'last update interval': 0,
    });
    expect(status.isSynchronized()).toBe(false);
  });

  it('takes stratum 16 with a normal leap status, as chronyd says below a source of stratum 15', () => {
    expect(decode('tracking', { stratum: 16 }).isSynchronized()).toBe(false);
  });

  it('rejects a leap status that the C library does not know', () => {
    expect(() => decode('tracking', { 'leap status': { value: 9 } })).toThrow(
      'invalid leapStatus: unknown (9)',
    );
  });
});
