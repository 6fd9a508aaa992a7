import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressBytes, referenceIdOf, sameAddress } from '../../../src/testing/address.ts';
import { encode, sizeOf, timespec, type WireType } from '../../../src/testing/wire.ts';
import { hex } from './support.ts';

const tail = (family: string) => `${family}0000`;

describe('integers', () => {
  it('are big-endian', () => {
    expect(hex(encode('u8', 0xab))).toBe('ab');
    expect(hex(encode('u16', 0xabcd))).toBe('abcd');
    expect(hex(encode('u32', 0xdead_beef))).toBe('deadbeef');
    expect(hex(encode('u64', 0x0123_4567_89ab_cdefn))).toBe('0123456789abcdef');
    expect(hex(encode('u64', 2 ** 53 - 1))).toBe('001fffffffffffff');
  });

  it('are in two’s complement if signed', () => {
    expect(hex(encode('i8', -6))).toBe('fa');
    expect(hex(encode('i16', -2))).toBe('fffe');
    expect(hex(encode('i16', 10))).toBe('000a');
  });

  it.each<[WireType, number]>([
    ['u8', 256],
    ['u8', -1],
    ['u16', 65_536],
    ['u32', 2 ** 32],
    ['u32', 0.5],
    ['u64', -1],
    ['u64', 2 ** 64],
    ['u64', 0.5],
    ['i8', 128],
    ['i8', -129],
    ['i16', 32_768],
    ['u32', Number.NaN],
  ])('%s rejects %d', (type, value) => expect(() => encode(type, value)).toThrow(RangeError));
});

describe('addresses', () => {
  it.each([
    ['192.0.2.1', `c0000201${'00'.repeat(12)}${tail('0001')}`],
    ['2001:db8::2', `20010db8${'00'.repeat(11)}02${tail('0002')}`],
    ['::', `${'00'.repeat(16)}${tail('0002')}`],
    ['::1', `${'00'.repeat(15)}01${tail('0002')}`],
    ['fe80::', `fe80${'00'.repeat(14)}${tail('0002')}`],
    ['1:2:3:4:5:6:7:8', `00010002000300040005000600070008${tail('0002')}`],
    ['::ffff:192.0.2.1', `${'00'.repeat(10)}ffffc0000201${tail('0002')}`],
    ['ID#0000000001', `00000001${'00'.repeat(12)}${tail('0003')}`],
    ['ID#4294967295', `ffffffff${'00'.repeat(12)}${tail('0003')}`],
    [null, '00'.repeat(20)],
  ])('encodes %s', (text, expected) => expect(hex(encode('addr', text))).toBe(expected));

  it.each(['ntp.example.net', '', '1.2.3', 'ID#1', 'ID#4294967296', 'fe80::1%eth0', 'GPS'])(
    'rejects %j',
    (text) => expect(() => addressBytes(text)).toThrow(TypeError),
  );

  it('agrees with another parser of IPv6', () => {
    fc.assert(
      fc.property(fc.ipV6(), (text) => {
        // a URL contains an address in canonical form
        const canonical = (address: string) => new URL(`http://[${address}]/`).hostname;
        const groups = hex(addressBytes(text)).slice(0, 32).match(/.{4}/g) ?? [];
        expect(canonical(groups.join(':'))).toBe(canonical(text));
      }),
    );
  });

  it('are equal if the family and the significant bytes are', () => {
    const [a, b] = [addressBytes('192.0.2.1'), addressBytes('192.0.2.1')];
    b[9] = 0xff;
    b[19] = 0xff;
    expect(sameAddress(a, b)).toBe(true);
    expect(sameAddress(a, addressBytes('192.0.2.2'))).toBe(false);
    expect(sameAddress(addressBytes('0.0.0.1'), addressBytes('ID#0000000001'))).toBe(false);
    expect(sameAddress(addressBytes('2001:db8::1'), addressBytes('2001:db8::2'))).toBe(false);
    expect(sameAddress(addressBytes(null), addressBytes(null))).toBe(false);
  });

  it('have a reference ID', () => {
    expect(referenceIdOf('192.0.2.1')).toBe(0xc000_0201);
    expect(referenceIdOf('GPS')).toBe(0x4750_5300);
    expect(referenceIdOf('PPS0')).toBe(0x5050_5330);
    expect(referenceIdOf('')).toBe(0);
    expect(referenceIdOf('2001:db8::1')).not.toBe(referenceIdOf('2001:db8::2'));
  });
});

describe('times', () => {
  it.each<[number, 32 | 64, string]>([
    [0, 64, '000000000000000000000000'],
    [1_700_000_000.25, 64, '000000006553f1000ee6b280'],
    [1_700_000_000.25, 32, '7fffffff6553f1000ee6b280'],
    // 2038-01-19T03:14:08Z, 2106-02-07T06:28:16Z
    [2 ** 31, 64, '000000008000000000000000'],
    [2 ** 32, 64, '000000010000000000000000'],
    [-1, 64, 'ffffffffffffffff00000000'],
    [-0.5, 64, 'ffffffffffffffff1dcd6500'],
    // rounds up to a whole second
    [0.999_999_999_9, 64, '000000000000000100000000'],
  ])('encodes %d s in %d bits', (seconds, bits, expected) => {
    expect(hex(encode('ts', timespec(seconds, bits)))).toBe(expected);
  });

  it('can be invalid', () => {
    const odd = { high: 0xffff_ffff, low: 1, nanoseconds: 2_000_000_000 };
    expect(hex(encode('ts', odd))).toBe('ffffffff0000000177359400');
  });

  it('must be finite', () => expect(() => timespec(Number.NaN)).toThrow(RangeError));
});

describe('text', () => {
  it('is 256 bytes long and ends with a NUL', () => {
    expect(sizeOf('text')).toBe(256);
    expect(hex(encode('text', 'ntp'))).toBe(`6e7470${'00'.repeat(253)}`);
    expect(encode('text', 'x'.repeat(255)).at(-1)).toBe(0);
  });

  it('must fit', () => expect(() => encode('text', 'x'.repeat(256))).toThrow(RangeError));
});
