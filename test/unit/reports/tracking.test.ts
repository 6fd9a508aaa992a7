import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LeapStatus, type MaxErrorOptions, TrackingStatus } from '../../../src/reports/index.ts';
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
    [0x7f7f0101, null, true],
    [0x7f7f0101, '127.127.1.1', false],
    [0x7f7f0102, null, false],
    [0, null, false],
  ])('reference ID %i, address %s: isLocal() is %s', (referenceId, referenceIp, local) => {
    expect(make({ referenceId, referenceIp }).isLocal()).toBe(local);
  });

  it.each([
    [LeapStatus.NORMAL, false],
    [LeapStatus.INSERT, true],
    [LeapStatus.DELETE, true],
    [LeapStatus.UNSYNC, false],
  ])('leap status %s: isLeapPending() is %s', (leapStatus, pending) => {
    expect(make({ leapStatus }).isLeapPending()).toBe(pending);
  });

  it('adds the offset, the dispersion and half of the delay in maxError(), for either sign of the offset', () => {
    const parts = { rootDelay: 0.5, rootDispersion: 0.125 };
    expect(make({ ...parts, offset: 2 }).maxError()).toBe(2.375);
    expect(make({ ...parts, offset: -2 }).maxError()).toBe(2.375);
  });

  it('includes the drift since the last measurement in maxError(), unless chronyd allows for it', () => {
    const status = make({ rootDelay: 0.5, rootDispersion: 0.125, offset: 2, refTime: 1_795_608_000 });
    // the clock is 2 s slow
    const time = 1_795_608_098;
    const drift = (options: MaxErrorOptions): number => status.maxError({ time, ...options }) - 2.375;
    expect(drift({ maxDriftPpm: 50 })).toBeCloseTo(0.005, 12);
    expect(drift({ maxDriftPpm: 50, maxClockErrorPpm: 1 })).toBeCloseTo(0.0049, 12);
    expect(drift({ maxDriftPpm: 50, maxClockErrorPpm: 50 })).toBe(0);
    expect(drift({ maxDriftPpm: 1, maxClockErrorPpm: 50 })).toBe(0);
    expect(drift({})).toBe(0);
    // the clock was set back after the measurement
    expect(drift({ maxDriftPpm: 50, time: 1_795_607_000 })).toBe(0);
  });

  it('uses the current time in maxError() by default', () => {
    const status = make({ offset: -0.5, refTime: Date.now() / 1000 - 1000 });
    const drift = status.maxError({ maxDriftPpm: 1000 }) - status.maxError();
    expect(drift).toBeGreaterThanOrEqual(0.9994);
    expect(drift).toBeLessThan(1.1);
  });

  it.each([
    [{ maxDriftPpm: -1 }, RangeError, 'maxDriftPpm must be a finite number of zero or more, not -1'],
    [{ maxDriftPpm: '50' }, TypeError, 'maxDriftPpm must be a number, not string'],
    [{ maxClockErrorPpm: Number.NaN }, RangeError, 'maxClockErrorPpm must be a finite number'],
    [{ time: Infinity }, RangeError, 'time must be a finite number'],
  ])('rejects %j as options of maxError()', (options, ErrorClass, message) => {
    const call = (): number => make({}).maxError(options as MaxErrorOptions);
    expect(call).toThrow(ErrorClass);
    expect(call).toThrow(message);
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
  it('names the reference by its address, if any, even if its ID looks like text', () => {
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

  it('accepts the report of chronyd before it is synchronized', () => {
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

  it('accepts stratum 16 with a normal leap status, which chronyd reports below a source of stratum 15', () => {
    expect(decode('tracking', { stratum: 16 }).isSynchronized()).toBe(false);
  });

  it('rejects a leap status that the C library does not know', () => {
    expect(() => decode('tracking', { 'leap status': { value: 9 } })).toThrow(
      'invalid leapStatus: unknown (9)',
    );
  });
});
