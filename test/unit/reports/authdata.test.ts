import { describe, expect, it } from 'vitest';
import { AuthData, AuthKeyType, AuthMode, decoders } from '../../../src/reports/index.ts';
import { FakeRecord } from './fake-record.ts';
import { data, decode, fields } from './records.ts';
import { COUNT, integer, names, orNull, testRules } from './rules.ts';

describe('AuthData', () => {
  testRules(AuthData, data.authdata, {
    mode: names(AuthMode),
    keyType: orNull(names(AuthKeyType)),
    keyId: integer(0, 0xffffffff),
    keyLength: COUNT,
    keAttempts: COUNT,
    lastKeAgo: orNull(COUNT),
    cookies: COUNT,
    cookieLength: COUNT,
  });
});

describe('the authdata decoder', () => {
  const record = new FakeRecord(fields.authdata);

  it('requires the address', () => {
    expect(decoders.authdata.decode(record, '2001:db8::9').address).toBe('2001:db8::9');
    // @ts-expect-error: a call without the address does not compile
    expect(decoders.authdata.decode(record).address).toBeUndefined();
    // @ts-expect-error: a call for another report with an address does not compile
    expect(decoders.tracking.decode(new FakeRecord(fields.tracking), '2001:db8::9')).toBeDefined();
  });

  it.each([
    { what: 'no authentication', mode: { value: 0, name: 'none' } },
    { what: 'NTS before its first key', mode: { value: 2, name: 'NTS' } },
    { what: 'a key that is missing in the key file', mode: { value: 1, name: 'symmetric key' } },
  ])('has no key type and no key establishment with $what', ({ mode }) => {
    const none = { mode, 'key type': { value: 0 }, 'last key establishment ago': 0xffffffff, NAK: 0 };
    expect(decode('authdata', none)).toMatchObject({
      mode: mode.name,
      keyType: null,
      lastKeAgo: null,
      nak: false,
    });
  });

  it.each([
    ['mode', 'mode', 3],
    ['key type', 'keyType', 12],
  ])('rejects a %s that the C library does not know', (field, property, value) => {
    const decoding = () => decode('authdata', { [field]: { value } });
    expect(decoding).toThrow(`invalid ${property}: unknown (${value})`);
  });
});
