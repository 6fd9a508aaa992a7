import { describe, expect, it } from 'vitest';
import { LeapStatus, NtpData, NtpMode, Timestamping } from '../../../src/reports/index.ts';
import { FakeRecord } from './fake-record.ts';
import { data, decode, decodeRecord, fields } from './records.ts';
import { COUNT, FINITE, integer, NON_NEGATIVE, names, orNull, REFERENCE_ID, testRules } from './rules.ts';

const TESTS = [
  'test1',
  'test2',
  'test3',
  'test5',
  'test6',
  'test7',
  'testA',
  'testB',
  'testC',
  'testD',
] as const;

describe('NtpData', () => {
  testRules(NtpData, data.ntpdata, {
    remotePort: integer(0, 65535),
    leapStatus: names(LeapStatus),
    version: integer(0, 7),
    mode: orNull(names(NtpMode)),
    stratum: integer(0, 255),
    poll: integer(-128, 127),
    precision: integer(-128, 127),
    rootDelay: NON_NEGATIVE,
    rootDispersion: NON_NEGATIVE,
    referenceId: REFERENCE_ID,
    refTime: FINITE,
    offset: FINITE,
    peerDelay: FINITE,
    peerDispersion: NON_NEGATIVE,
    responseTime: FINITE,
    jitterAsymmetry: FINITE,
    txTimestamping: orNull(names(Timestamping)),
    rxTimestamping: orNull(names(Timestamping)),
    txCount: COUNT,
    rxCount: COUNT,
    validCount: COUNT,
    goodCount: orNull(COUNT),
    kernelTxCount: orNull(COUNT),
    kernelRxCount: orNull(COUNT),
    hardwareTxCount: orNull(COUNT),
    hardwareRxCount: orNull(COUNT),
  });

  it('does not share its tests object with its input', () => {
    const tests = { ...data.ntpdata.tests };
    const made = new NtpData({ ...data.ntpdata, tests });
    tests.test1 = false;
    expect(made.tests.test1).toBe(true);
    expect(made.tests).toSatisfy(Object.isFrozen);
  });
});

describe('the ntpdata decoder', () => {
  it.each([...TESTS, 'interleaved', 'authenticated'])('reads only the flag %s from it', (flag) => {
    const { tests, interleaved, authenticated } = decode('ntpdata', { flags: [flag] });
    const set = Object.entries({ ...tests, interleaved, authenticated }).filter(([, value]) => value);
    expect(set).toEqual([[flag, true]]);
  });

  it('accepts a source that has never answered', () => {
    const zeros = Object.fromEntries(
      Object.entries(fields.ntpdata).map(([name, field]) => [name, typeof field === 'number' ? 0 : field]),
    );
    const silent = decode('ntpdata', {
      ...zeros,
      'local address': null,
      'leap status': { value: 0, name: 'normal' },
      mode: { value: 0 },
      flags: [],
      'transmit timestamping': { value: 0 },
      'receive timestamping': { value: 0 },
      'transmitted messages': 10,
    });
    expect(silent).toMatchObject({
      remoteAddress: '192.0.2.7',
      localAddress: null,
      mode: null,
      txTimestamping: null,
      rxTimestamping: null,
      txCount: 10,
      rxCount: 0,
    });
  });

  it('accepts the reply of an older chronyd, which has no timestamp counters', () => {
    const older = Object.entries(fields.ntpdata).filter(([name]) => !/^(kernel|hardware) /.test(name));
    expect(decodeRecord('ntpdata', new FakeRecord(Object.fromEntries(older)))).toMatchObject({
      goodCount: 28,
      kernelTxCount: null,
      kernelRxCount: null,
      hardwareTxCount: null,
      hardwareRxCount: null,
    });
  });

  it('accepts the reply of an even older chronyd, without a count of good messages or an address before the first reply', () => {
    const oldest = { 'received good messages': 0xffffffff, 'remote address': null };
    expect(decode('ntpdata', oldest)).toMatchObject({ goodCount: null, remoteAddress: '' });
  });

  it.each([
    ['mode', 'mode', 3],
    ['leap status', 'leapStatus', 4],
    ['transmit timestamping', 'txTimestamping', 0x58],
    ['receive timestamping', 'rxTimestamping', 0x58],
  ])('rejects a %s that the C library does not know', (field, property, value) => {
    const decoding = () => decode('ntpdata', { [field]: { value } });
    expect(decoding).toThrow(`invalid ${property}: unknown (${value})`);
  });
});
