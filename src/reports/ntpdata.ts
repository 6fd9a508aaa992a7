import * as check from './check.ts';
import { LeapStatus, NtpMode, Timestamping } from './enums.ts';
import { choiceUnlessZero, numberUnlessNone } from './read.ts';
import type { DataOf, ReportDecoder, ReportRecord } from './record.ts';

/** The tests that a packet has to pass, in chronyd's order. */
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

/**
 * Which tests the last valid packet passed: those of RFC 5905 (1 to 3 make it valid, 5 to 7 its sender
 * acceptable), and chronyd's own for the maximum delay (A), the delay ratio (B), the delay's deviation (C)
 * and a synchronisation loop (D).
 */
export type NtpTests = Readonly<Record<(typeof TESTS)[number], boolean>>;

/** A record of ten booleans, by whatever says which tests were passed. */
function ntpTests(passed: (test: (typeof TESTS)[number]) => boolean): NtpTests {
  return Object.freeze(Object.fromEntries(TESTS.map((test) => [test, passed(test)])) as NtpTests);
}

/**
 * The last valid packet of an NTP source and its measurement: one record of the report `ntpdata`. A source
 * that has not answered yet has zeros, and null where zero would not be a value.
 */
export class NtpData {
  /**
   * The source's address; empty if an old chronyd does not know it before the first answer. Field `remote
   * address`.
   */
  readonly remoteAddress: string;
  /** The address that the answer was sent to, or null before the first. Field `local address`. */
  readonly localAddress: string | null;
  /** UDP port of the source. Field `remote port`. */
  readonly remotePort: number;
  /** What the source says about leap seconds. Field `leap status`. */
  readonly leapStatus: LeapStatus;
  /** NTP version of the packet, 0 to 7. Field `version`. */
  readonly version: number;
  /** NTP mode of the packet, or null before the first. Field `mode`. */
  readonly mode: NtpMode | null;
  /**
   * The stratum that the source itself announces, 0 to 255: chronyd reports it as it came. Field `stratum`.
   */
  readonly stratum: number;
  /** The source's polling interval as the binary logarithm of seconds. Field `poll`. */
  readonly poll: number;
  /** Precision of the source's clock as the binary logarithm of seconds: −24 is 60 ns. Field `precision`. */
  readonly precision: number;
  /** The source's round-trip delay to its reference clock, in seconds, zero or more. Field `root delay`. */
  readonly rootDelay: number;
  /**
   * Dispersion accumulated from its reference clock to the source, in seconds, zero or more. Field `root
   * dispersion`.
   */
  readonly rootDispersion: number;
  /** What the source follows, as 32 bits. Field `reference ID`. */
  readonly referenceId: number;
  /**
   * When the source was last corrected, in seconds since the epoch (UTC), as it says itself. Field `reference
   * time`.
   */
  readonly refTime: number;
  /**
   * The measured offset, in seconds, with NTP's sign: negative if the system clock is ahead of the source,
   * the opposite of {@link Source}. Field `offset`.
   */
  readonly offset: number;
  /** The measured round-trip delay to the source, in seconds. Field `peer delay`. */
  readonly peerDelay: number;
  /** Dispersion of the measurement, in seconds, zero or more. Field `peer dispersion`. */
  readonly peerDispersion: number;
  /** Time that the source took to answer, in seconds. Field `response time`. */
  readonly responseTime: number;
  /**
   * Asymmetry of the network's jitter, −0.5 to 0.5: negative if it is larger on the way to the source. Field
   * `jitter asymmetry`.
   */
  readonly jitterAsymmetry: number;
  /** The tests that the packet passed. Field `flags`. */
  readonly tests: NtpTests;
  /** True if the packet was in the interleaved mode. Field `flags`. */
  readonly interleaved: boolean;
  /** True if the packet was authenticated. Field `flags`. */
  readonly authenticated: boolean;
  /**
   * Who took the time of the request here, or null before the first answer. Field `transmit timestamping`.
   */
  readonly txTimestamping: Timestamping | null;
  /** Who took the time of the answer here, or null before the first. Field `receive timestamping`. */
  readonly rxTimestamping: Timestamping | null;
  /** Number of packets sent to the source. Field `transmitted messages`. */
  readonly txCount: number;
  /** Number of packets received from the source. Field `received messages`. */
  readonly rxCount: number;
  /** Number of those that were valid: tests 1 to 7. Field `received valid messages`. */
  readonly validCount: number;
  /**
   * Number of those that gave a measurement: all tests; null if an old chronyd does not count them. Field
   * `received good messages`.
   */
  readonly goodCount: number | null;
  /**
   * Number of transmit timestamps taken by the kernel; null if chronyd does not count them. Field `kernel
   * transmit timestamps`.
   */
  readonly kernelTxCount: number | null;
  /**
   * Number of receive timestamps taken by the kernel; null if chronyd does not count them. Field `kernel
   * receive timestamps`.
   */
  readonly kernelRxCount: number | null;
  /**
   * Number of transmit timestamps taken by the network card; null if chronyd does not count them. Field
   * `hardware transmit timestamps`.
   */
  readonly hardwareTxCount: number | null;
  /**
   * Number of receive timestamps taken by the network card; null if chronyd does not count them. Field
   * `hardware receive timestamps`.
   */
  readonly hardwareRxCount: number | null;

  /** @throws ChronyDataError naming the field and its value where one is out of range. */
  constructor(data: DataOf<NtpData>) {
    this.remoteAddress = data.remoteAddress;
    this.localAddress = data.localAddress;
    this.remotePort = check.integer('remotePort', data.remotePort, 0, 0xffff);
    this.leapStatus = check.oneOf('leapStatus', data.leapStatus, LeapStatus);
    this.version = check.integer('version', data.version, 0, 7);
    this.mode = check.nullable(check.oneOf, 'mode', data.mode, NtpMode);
    this.stratum = check.integer('stratum', data.stratum, 0, 255);
    // A source may send any poll and precision that fits into its packet's eight bits.
    this.poll = check.integer('poll', data.poll, -0x80, 0x7f);
    this.precision = check.integer('precision', data.precision, -0x80, 0x7f);
    this.rootDelay = check.nonNegative('rootDelay', data.rootDelay);
    this.rootDispersion = check.nonNegative('rootDispersion', data.rootDispersion);
    this.referenceId = check.uint32('referenceId', data.referenceId);
    this.refTime = check.finite('refTime', data.refTime);
    this.offset = check.finite('offset', data.offset);
    // These two are differences of timestamps, which corrections of the clocks can make negative.
    this.peerDelay = check.finite('peerDelay', data.peerDelay);
    this.responseTime = check.finite('responseTime', data.responseTime);
    this.peerDispersion = check.nonNegative('peerDispersion', data.peerDispersion);
    this.jitterAsymmetry = check.finite('jitterAsymmetry', data.jitterAsymmetry);
    this.tests = ntpTests((test) => data.tests[test]);
    this.interleaved = data.interleaved;
    this.authenticated = data.authenticated;
    this.txTimestamping = check.nullable(check.oneOf, 'txTimestamping', data.txTimestamping, Timestamping);
    this.rxTimestamping = check.nullable(check.oneOf, 'rxTimestamping', data.rxTimestamping, Timestamping);
    this.txCount = check.count('txCount', data.txCount);
    this.rxCount = check.count('rxCount', data.rxCount);
    this.validCount = check.count('validCount', data.validCount);
    this.goodCount = check.nullable(check.count, 'goodCount', data.goodCount);
    this.kernelTxCount = check.nullable(check.count, 'kernelTxCount', data.kernelTxCount);
    this.kernelRxCount = check.nullable(check.count, 'kernelRxCount', data.kernelRxCount);
    this.hardwareTxCount = check.nullable(check.count, 'hardwareTxCount', data.hardwareTxCount);
    this.hardwareRxCount = check.nullable(check.count, 'hardwareRxCount', data.hardwareRxCount);
    Object.freeze(this);
  }
}

/** Makes {@link NtpData} from the C library's record. */
export const ntpdata: ReportDecoder<NtpData> = {
  report: 'ntpdata',
  decode(record: ReportRecord): NtpData {
    const flags = new Set(record.flags('flags'));
    return new NtpData({
      remoteAddress: record.address('remote address') ?? '',
      localAddress: record.address('local address'),
      remotePort: record.number('remote port'),
      leapStatus: record.choice('leap status') as LeapStatus,
      version: record.number('version'),
      mode: choiceUnlessZero(record, 'mode') as NtpMode | null,
      stratum: record.number('stratum'),
      poll: record.number('poll'),
      precision: record.number('precision'),
      rootDelay: record.number('root delay'),
      rootDispersion: record.number('root dispersion'),
      referenceId: record.number('reference ID'),
      refTime: record.time('reference time'),
      offset: record.number('offset'),
      peerDelay: record.number('peer delay'),
      peerDispersion: record.number('peer dispersion'),
      responseTime: record.number('response time'),
      jitterAsymmetry: record.number('jitter asymmetry'),
      tests: ntpTests((test) => flags.has(test)),
      interleaved: flags.has('interleaved'),
      authenticated: flags.has('authenticated'),
      txTimestamping: choiceUnlessZero(record, 'transmit timestamping') as Timestamping | null,
      rxTimestamping: choiceUnlessZero(record, 'receive timestamping') as Timestamping | null,
      txCount: record.number('transmitted messages'),
      rxCount: record.number('received messages'),
      validCount: record.number('received valid messages'),
      // A chronyd from before this counter fills its place in the reply with ones.
      goodCount: numberUnlessNone(record, 'received good messages'),
      kernelTxCount: record.numberOrNull('kernel transmit timestamps'),
      kernelRxCount: record.numberOrNull('kernel receive timestamps'),
      hardwareTxCount: record.numberOrNull('hardware transmit timestamps'),
      hardwareRxCount: record.numberOrNull('hardware receive timestamps'),
    });
  },
};
