/** Values that a server may send, valid or not, with emphasis on the values at which the output format changes. */
import fc from 'fast-check';
import { timespec } from '../../../src/testing/wire.ts';

/** `GPS`, `PPS0`, local mode, no reference, spaces, commas with control characters, and bytes outside ASCII. */
const name = fc.constantFrom(0x47505300, 0x50505330, 0x7f7f0101, 0, 0x20414220, 0x2c222c0a, 0xff41ff42);
export const referenceId = fc.oneof(fc.nat(0xffffffff), name);

export const address = fc.oneof(
  fc.constant(null),
  fc.ipV4(),
  fc.ipV6(),
  fc.constantFrom('::', '0.0.0.0', '::ffff:192.0.2.1', '2001:db8::', 'fe80::1', '::1.2.3.4'),
  fc.nat(0xffffffff).map((id) => `ID#${String(id).padStart(10, '0')}`),
);

/** A number halfway between two results of rounding to some number of decimals, or close to one. */
const tie = fc
  .tuple(fc.integer({ min: -4096, max: 4096 }), fc.integer({ min: 0, max: 30 }))
  .map(([numerator, power]) => numerator * 2 ** -power);

/** Magnitudes at which the unit or the number of decimals changes, and floats a few bits away from them. */
const turningPoint = fc
  .tuple(
    fc.constantFrom(
      1e-9,
      9999.5e-9,
      9999.5e-6,
      9999.5e-3,
      999.5,
      9999.5,
      99999.5,
      99999.5 * 60,
      99999.5 * 3600,
      99999.5 * 86400,
    ),
    fc.integer({ min: -4, max: 4 }),
    fc.constantFrom(1, -1),
  )
  .map(([size, step, sign]) => sign * size * (1 + step * 2 ** -24));

export const float = fc.oneof(
  tie,
  turningPoint,
  fc.double({ min: -1e10, max: 1e10, noNaN: true }),
  fc.double({ min: -1, max: 1, noNaN: true }),
  fc.double({ min: -1e-6, max: 1e-6, noNaN: true }),
  fc.constantFrom(
    0,
    2 ** -10,
    -(2 ** -10),
    1e10,
    -1e10,
    5e-10,
    -5e-10,
    2 ** -70,
    -(2 ** -70),
    2 ** 62,
    -(2 ** 62),
  ),
);

export const byte = fc.nat(0xff);
export const half = fc.nat(0xffff);
export const word = fc.nat(0xffffffff);

/** An interval in seconds, mostly near a change of unit; the greatest value means "never". */
export const seconds = fc.oneof(
  fc
    .tuple(fc.constantFrom(1200, 36_000, 345_600, 86_400_000, 2 ** 31), fc.integer({ min: -1, max: 1 }))
    .map(([at, step]) => at + step),
  fc.constantFrom(0, 1199, 2 ** 32 - 2, 2 ** 32 - 1),
  fc.nat(2000),
  word,
);

/** Times, including times before 1970 and after 2106, within the range in which C and JavaScript calendars agree. */
export const time = fc.oneof(
  fc.double({ min: 0, max: 2 ** 32 - 1, noNaN: true }).map((seconds) => timespec(seconds)),
  fc.double({ min: 0, max: 2 ** 32 - 1, noNaN: true }).map((seconds) => timespec(seconds, 32)),
  fc.double({ min: -6e10, max: 2.5e11, noNaN: true }).map((seconds) => timespec(seconds)),
  fc.constantFrom(2 ** 32, 2 ** 32 + 10, -1, -1e9).map((at) => timespec(at)),
  fc.constantFrom(0, 1e-9, 951_782_400, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1).map((at) => timespec(at)),
  // invalid nanoseconds
  fc.record({ high: fc.constantFrom(0, 1, 0x7fffffff, 0xffffffff), low: word, nanoseconds: word }),
);

/** A code that has a name, or any code. */
export const code = (names: number, all: fc.Arbitrary<number>) => fc.oneof(fc.nat(names), all);
