import { describe, expect, it } from 'vitest';
import { decoders, Source, SourceMode, SourceState } from '../../../src/reports/index.ts';
import { FakeRecord } from './fake-record.ts';
import { data, decode, fields } from './records.ts';
import { COUNT, FINITE, integer, NON_NEGATIVE, names, orNull, STRATUM, testRules } from './rules.ts';

const make = (changes: Partial<typeof data.sources>) => new Source({ ...data.sources, ...changes });

describe('Source', () => {
  testRules(Source, data.sources, {
    poll: integer(-0x8000, 0x7fff),
    stratum: STRATUM,
    state: names(SourceState),
    mode: names(SourceMode),
    flags: integer(0, 0xffff),
    reachability: integer(0, 255),
    lastSampleAgo: orNull(COUNT),
    origLatestMeas: FINITE,
    latestMeas: FINITE,
    latestMeasErr: NON_NEGATIVE,
  });

  it.each([
    [0, false],
    [1, true],
    [0x80, true],
    [0xff, true],
  ])('reachability %i: isReachable() is %s', (reachability, reachable) => {
    expect(make({ reachability }).isReachable()).toBe(reachable);
  });

  it.each(Object.values(SourceState))('state %s: isSelected()', (state) => {
    expect(make({ state }).isSelected()).toBe(state === 'selected');
  });
});

describe('the sources decoder', () => {
  it('has no name, because the record has none', () => {
    expect(decode('sources').name).toBeNull();
    expect(make({ name: 'ntp.example.net' }).name).toBe('ntp.example.net');
  });

  it('keeps the address of a source whose name is not resolved', () => {
    expect(decode('sources', { address: 'ID#0000000001' }).address).toBe('ID#0000000001');
  });

  it('names a reference clock, which has no address, by its reference ID', () => {
    const { address: _, ...rest } = fields.sources;
    const clock = new FakeRecord({
      ...rest,
      mode: { value: 2, name: 'reference clock' },
      'reference ID': 0x50505300,
    });
    expect(decoders.sources.decode(clock)).toMatchObject({ address: 'PPS', mode: SourceMode.REFCLOCK });
  });

  it('reads 2³² − 1 seconds since the last sample as never', () => {
    expect(decode('sources', { 'last sample ago': 0xffffffff }).lastSampleAgo).toBeNull();
    expect(decode('sources', { 'last sample ago': 0xfffffffe }).lastSampleAgo).toBe(0xfffffffe);
  });

  it('accepts the fastest and the slowest poll of chronyd', () => {
    expect(decode('sources', { poll: -7 }).poll).toBe(-7);
    expect(decode('sources', { poll: 24 }).poll).toBe(24);
  });

  it.each([
    ['state', 6],
    ['mode', 3],
  ])('rejects a %s that the C library does not know', (field, value) => {
    expect(() => decode('sources', { [field]: { value } })).toThrow(`invalid ${field}: unknown (${value})`);
  });
});
