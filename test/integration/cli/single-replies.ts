/** Generators of any replies that a server may send for reports of one record. */
import fc from 'fast-check';
import type { ReplyCode, ReplyValues } from '../../../src/testing/layouts.ts';
import { encodeReply, type RequestHeader } from '../../../src/testing/reply.ts';
import { address, code, float, half, referenceId, seconds, time, word } from './arbitraries.ts';
import { CHRONYC_REPLIES } from './support.ts';

/** A reply whose header depends on the request. */
export interface SingleReply {
  /** Shown when the test fails. */
  readonly values: object;
  encode(to: RequestHeader): Uint8Array;
}

function reply<Code extends ReplyCode>(
  replyCode: Code,
  values: fc.Arbitrary<Partial<ReplyValues<Code>>>,
): fc.Arbitrary<SingleReply> {
  return values.map((fields) => ({ values: fields, encode: (to) => encodeReply(replyCode, to, fields) }));
}

/** A counter of chronyd: 64 bits since 4.4. */
const count: fc.Arbitrary<number | bigint> =
  CHRONYC_REPLIES.serverStatsReply === 25
    ? fc.oneof(word, fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }))
    : word;

/** The replies by the name of the report; for serverstats, the version that the installed chronyc supports. */
export const singleReplies = {
  tracking: reply(
    5,
    fc.record({
      'reference ID': referenceId,
      address,
      stratum: fc.oneof(fc.nat(16), half),
      'leap status': code(3, half),
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
    }),
  ),
  activity: reply(
    12,
    fc.record({
      'online sources': word,
      'offline sources': word,
      'burst online-return sources': word,
      'burst offline-return sources': word,
      'unresolved sources': word,
    }),
  ),
  serverstats: reply(
    CHRONYC_REPLIES.serverStatsReply,
    fc.record({
      'received NTP requests': count,
      'accepted NTS-KE connections': count,
      'received command requests': count,
      'dropped NTP requests': count,
      'dropped NTS-KE connections': count,
      'dropped command requests': count,
      'dropped client log records': count,
      'received authenticated NTP requests': count,
      'received interleaved NTP requests': count,
      'held NTP timestamps': count,
      'NTP timestamp span': count,
      'served daemon RX timestamps': count,
      'served daemon TX timestamps': count,
      'served kernel RX timestamps': count,
      'served kernel TX timestamps': count,
      'served hardware RX timestamps': count,
      'served hardware TX timestamps': count,
    }),
  ),
  rtcdata: reply(
    7,
    fc.record({
      'reference time': time,
      samples: half,
      runs: half,
      span: seconds,
      offset: float,
      'frequency offset': float,
    }),
  ),
  smoothing: reply(
    13,
    fc.record({
      flags: code(3, word),
      offset: float,
      'frequency offset': float,
      wander: float,
      'last update ago': float,
      'remaining time': float,
    }),
  ),
} as const;
