import { describe, expect, it } from 'vitest';
import { ServerStats } from '../../../src/reports/index.ts';
import { FakeRecord } from './fake-record.ts';
import { data, decode, decodeRecord, fields } from './records.ts';
import { COUNT, orNull, testRules } from './rules.ts';

describe('ServerStats', () => {
  testRules(ServerStats, data.serverstats, {
    ntpReceived: COUNT,
    ntpDropped: COUNT,
    commandReceived: COUNT,
    commandDropped: COUNT,
    logDropped: COUNT,
    ntsKeAccepted: orNull(COUNT),
    ntsKeDropped: orNull(COUNT),
    ntpAuthenticated: orNull(COUNT),
    ntpInterleaved: orNull(COUNT),
    timestampsHeld: orNull(COUNT),
    timestampSpan: orNull(COUNT),
    daemonRx: orNull(COUNT),
    daemonTx: orNull(COUNT),
    kernelRx: orNull(COUNT),
    kernelTx: orNull(COUNT),
    hardwareRx: orNull(COUNT),
    hardwareTx: orNull(COUNT),
  });
});

describe('the serverstats decoder', () => {
  const SINCE_22 = ['ntsKeAccepted', 'ntsKeDropped', 'ntpAuthenticated'];
  const SINCE_24 = ['ntpInterleaved', 'timestampsHeld', 'timestampSpan'];
  const SINCE_25 = ['daemonRx', 'daemonTx', 'kernelRx', 'kernelTx', 'hardwareRx', 'hardwareTx'];
  const LACKS_24 = /^(served|reserved)/;
  const LACKS_22 = /^(served|reserved|received interleaved|held|NTP timestamp span)/;
  const LACKS_14 = /^(served|reserved|received interleaved|held|NTP timestamp span|received auth)|NTS-KE/;

  it.each([
    { reply: 14, lacks: LACKS_14, nulls: [...SINCE_22, ...SINCE_24, ...SINCE_25] },
    { reply: 22, lacks: LACKS_22, nulls: [...SINCE_24, ...SINCE_25] },
    { reply: 24, lacks: LACKS_24, nulls: SINCE_25 },
  ])('has null for the fields that reply $reply lacks, and the other values', ({ lacks, nulls }) => {
    const older = Object.entries(fields.serverstats).filter(([name]) => !lacks.test(name));
    const stats = decodeRecord('serverstats', new FakeRecord(Object.fromEntries(older)));
    expect(stats).toEqual({ ...data.serverstats, ...Object.fromEntries(nulls.map((name) => [name, null])) });
  });

  it('accepts a 64-bit counter', () => {
    expect(decode('serverstats', { 'received NTP requests': 2 ** 64 }).ntpReceived).toBe(2 ** 64);
  });
});
