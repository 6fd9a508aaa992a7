import { isIP } from 'node:net';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ipVersion } from '../../../src/socket/ip.ts';

/** An address with one character more or less, or another one. */
const nearly = fc
  .tuple(fc.oneof(fc.ipV4(), fc.ipV6()), fc.nat(40), fc.constantFrom('', ...'0f:.%[]/@? \n'))
  .map(([address, at, character]) => address.slice(0, at) + character + address.slice(at + 1));

const anything = fc.string({ unit: fc.constantFrom(...'0129afg:.%[]/@?# \t\n') });

it('takes for an address what Node.js does', () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV4Extended(), fc.ipV6(), nearly, anything), (text) => {
      expect(ipVersion(text)).toBe(isIP(text));
    }),
    { numRuns: 20_000 },
  );
});

it.each([
  ['192.0.2.1', 4],
  ['255.255.255.255', 4],
  ['256.0.0.1', 0],
  ['192.0.2', 0],
  ['192.0.02.1', 0],
  ['::', 6],
  ['2001:DB8::1', 6],
  ['::ffff:192.0.2.1', 6],
  ['fe80::1%eth0', 6],
  ['fe80::1%', 0],
  ['1::2::3', 0],
  ['[::1]', 0],
  ['192.0.2.1:323', 0],
  ['localhost', 0],
  ['', 0],
] as const)('%s: %i', (text, version) => {
  expect(ipVersion(text)).toBe(version);
});
