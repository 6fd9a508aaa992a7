import { describe, expect, it } from 'vitest';
import { ClientAccess } from '../../../src/reports/index.ts';
import { data, decode } from './records.ts';
import { COUNT, integer, orNull, testRules } from './rules.ts';

// 127 in a record means that the interval is unknown
const INTERVAL = orNull({ accepts: [-128, 0, 126], rejects: integer(-128, 127).rejects });

describe('ClientAccess', () => {
  testRules(ClientAccess, data.clients, {
    address: { accepts: ['192.0.2.1', '2001:db8::1'], rejects: [null, undefined] },
    ntpHits: COUNT,
    ntpDrops: COUNT,
    ntpInterval: INTERVAL,
    ntpTimeoutInterval: INTERVAL,
    lastNtpHitAgo: orNull(COUNT),
    ntsKeHits: COUNT,
    ntsKeDrops: COUNT,
    ntsKeInterval: INTERVAL,
    lastNtsKeHitAgo: orNull(COUNT),
    commandHits: COUNT,
    commandDrops: COUNT,
    commandInterval: INTERVAL,
    lastCommandHitAgo: orNull(COUNT),
  });
});

describe('the decoder of clients', () => {
  it.each([
    ['NTP interval', 'ntpInterval'],
    ['NTP timeout interval', 'ntpTimeoutInterval'],
    ['NTS-KE interval', 'ntsKeInterval'],
    ['command interval', 'commandInterval'],
  ] as const)('reads 127 as an unknown %s', (field, property) => {
    expect(decode('clients', { [field]: 127 })[property]).toBeNull();
    expect(decode('clients', { [field]: 126 })[property]).toBe(126);
    expect(decode('clients', { [field]: -128 })[property]).toBe(-128);
  });

  it.each([
    ['last NTP hit ago', 'lastNtpHitAgo'],
    ['last NTS-KE hit ago', 'lastNtsKeHitAgo'],
    ['last command hit ago', 'lastCommandHitAgo'],
  ] as const)('reads 2³² − 1 seconds since the %s as never', (field, property) => {
    expect(decode('clients', { [field]: 0xffffffff })[property]).toBeNull();
    expect(decode('clients', { [field]: 0xfffffffe })[property]).toBe(0xfffffffe);
  });

  it('rejects an entry without an address', () => {
    expect(() => decode('clients', { address: null })).toThrow('invalid address: null');
  });
});
