/** All that a server may send as its tracking report. */
import fc from 'fast-check';
import { type ReplyValues, timespec } from '../../src/testing/index.ts';

/** The fields of a reply, by libchrony's names; those left out are zero. */
export type Tracking = Partial<ReplyValues<5>>;

/** `GPS`, `PPS0`, local mode, none, spaces, commas and control characters, what is no ASCII. */
const name = fc.constantFrom(0x47505300, 0x50505330, 0x7f7f0101, 0, 0x20414220, 0x2c222c0a, 0xff41ff42);
const referenceId = fc.oneof(fc.nat(0xffffffff), name);

const address = fc.oneof(
  fc.constant(null),
  fc.ipV4(),
  fc.ipV6(),
  fc.constantFrom('::', '0.0.0.0', '::ffff:192.0.2.1', '2001:db8::', 'fe80::1', '::1.2.3.4'),
  fc.nat(0xffffffff).map((id) => `ID#${String(id).padStart(10, '0')}`),
);

/** Halfway between two results of rounding to so many decimals, or next to it. */
const tie = fc
  .tuple(fc.integer({ min: -4096, max: 4096 }), fc.integer({ min: 0, max: 30 }))
  .map(([numerator, power]) => numerator * 2 ** -power);

const float = fc.oneof(
  tie,
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

const word = fc.nat(0xffffffff);
/** Times until 2106, which is as far as the 32-bit seconds of the sandbox reach. */
const time = fc.oneof(
  fc.double({ min: 0, max: 2 ** 32 - 1, noNaN: true }).map((seconds) => timespec(seconds)),
  fc.double({ min: 0, max: 2 ** 32 - 1, noNaN: true }).map((seconds) => timespec(seconds, 32)),
  fc.constantFrom(0, 1e-9, 951_782_400, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1).map((at) => timespec(at)),
  // nanoseconds that make no sense
  fc.record({ high: fc.constantFrom(0, 0x7fffffff), low: word, nanoseconds: word }),
);

/** A reply, sensible or not. */
export const tracking: fc.Arbitrary<Tracking> = fc.record({
  'reference ID': referenceId,
  address,
  stratum: fc.oneof(fc.nat(16), fc.nat(0xffff)),
  'leap status': fc.oneof(fc.nat(3), fc.nat(0xffff)),
  'reference time': time,
  'current correction': float,
  'last offset': float,
  'RMS offset': float,
  'frequency offset': float,
  'residual frequency': float,
  skew: float,
  'root delay': float,
  'root dispersion': float,
  'last update interval': float,
});
