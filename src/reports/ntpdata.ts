import { LeapStatus, NtpMode, Timestamping } from './enums.ts';
import {
  Address,
  Count,
  CountIfSent,
  CountUnlessNone,
  type DataOf,
  Finite,
  Flag,
  FlagsByName,
  fieldTable,
  Integer,
  NonNegative,
  OneOf,
  OneOfUnlessZero,
  recordOf,
  Uint32,
} from './record.ts';

/** The tests of a packet, in chronyd's order. */
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
 * The tests of the last valid packet, true if passed. Tests 1 to 7 are from RFC 5905: a packet that passes 1 to 3 is
 * valid, and the sender of one that passes 5 to 7 is acceptable. The others are chronyd's own, for the maximum delay
 * (A), the delay ratio (B), the delay's deviation (C) and a synchronization loop (D).
 */
export type NtpTests = Readonly<Record<(typeof TESTS)[number], boolean>>;

/** The fields behind the properties of {@link NtpData}. */
export const fields = fieldTable({
  remoteAddress: new Address('remote address'),
  localAddress: new Address('local address'),
  remotePort: new Integer('remote port', 0, 0xffff),
  leapStatus: new OneOf('leap status', LeapStatus),
  version: new Integer('version', 0, 7),
  mode: new OneOfUnlessZero('mode', NtpMode),
  stratum: new Integer('stratum', 0, 255),
  // A source may send any poll and precision that fit into eight bits.
  poll: new Integer('poll', -0x80, 0x7f),
  precision: new Integer('precision', -0x80, 0x7f),
  rootDelay: new NonNegative('root delay'),
  rootDispersion: new NonNegative('root dispersion'),
  referenceId: new Uint32('reference ID'),
  refTime: new Finite('reference time'),
  offset: new Finite('offset'),
  // These two are differences of timestamps, and corrections of the clocks can make them negative.
  peerDelay: new Finite('peer delay'),
  responseTime: new Finite('response time'),
  peerDispersion: new NonNegative('peer dispersion'),
  jitterAsymmetry: new Finite('jitter asymmetry'),
  tests: new FlagsByName('flags', TESTS),
  interleaved: new Flag('flags', 'interleaved'),
  authenticated: new Flag('flags', 'authenticated'),
  txTimestamping: new OneOfUnlessZero('transmit timestamping', Timestamping),
  rxTimestamping: new OneOfUnlessZero('receive timestamping', Timestamping),
  txCount: new Count('transmitted messages'),
  rxCount: new Count('received messages'),
  validCount: new Count('received valid messages'),
  // A chronyd that does not have this counter sends all ones.
  goodCount: new CountUnlessNone('received good messages'),
  kernelTxCount: new CountIfSent('kernel transmit timestamps'),
  kernelRxCount: new CountIfSent('kernel receive timestamps'),
  hardwareTxCount: new CountIfSent('hardware transmit timestamps'),
  hardwareRxCount: new CountIfSent('hardware receive timestamps'),
});

/**
 * The last valid packet of an NTP source and its measurement: one record of the report `ntpdata`. Before the source's
 * first reply, the values are 0, or null if 0 would not be valid.
 */
export class NtpData {
  /**
   * The source's address; empty before the first reply if an old chronyd does not know it. Field `remote address`.
   */
  readonly remoteAddress: string;
  /** The address to which the reply was sent, or null before the first reply. Field `local address`. */
  readonly localAddress: string | null;
  /** UDP port of the source. Field `remote port`. */
  readonly remotePort: number;
  /** The source's announcement of a leap second. Field `leap status`. */
  readonly leapStatus: LeapStatus;
  /** NTP version of the packet, 0 to 7. Field `version`. */
  readonly version: number;
  /** NTP mode of the packet, or null before the first packet. Field `mode`. */
  readonly mode: NtpMode | null;
  /**
   * The stratum that the source announces, 0 to 255: chronyd reports it unchanged. Field `stratum`.
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
  /** The source's own reference, as 32 bits. Field `reference ID`. */
  readonly referenceId: number;
  /**
   * The time of the source's last correction according to the source, in seconds since the epoch (UTC); negative before
   * the epoch. Field `reference time`.
   */
  readonly refTime: number;
  /**
   * The measured offset, in seconds, with NTP's sign: negative if the system clock is ahead of the source,
   * the opposite sign of {@link Source.latestMeas}. See *Signs* in src/README.md. Field `offset`.
   */
  readonly offset: number;
  /** The measured round-trip delay to the source, in seconds. Field `peer delay`. */
  readonly peerDelay: number;
  /** Dispersion of the measurement, in seconds, zero or more. Field `peer dispersion`. */
  readonly peerDispersion: number;
  /** The time from the source's receipt of the request to its reply, in seconds. Field `response time`. */
  readonly responseTime: number;
  /**
   * Asymmetry of the network's jitter, −0.5 to 0.5: negative if it is larger on the way to the source. Field
   * `jitter asymmetry`.
   */
  readonly jitterAsymmetry: number;
  /** The results of the packet's tests. Field `flags`. */
  readonly tests: NtpTests;
  /** True if the packet was in the interleaved mode. Field `flags`. */
  readonly interleaved: boolean;
  /** True if the packet was authenticated. Field `flags`. */
  readonly authenticated: boolean;
  /**
   * Origin of the request's transmit timestamp, or null before the first reply. Field `transmit timestamping`.
   */
  readonly txTimestamping: Timestamping | null;
  /** Origin of the reply's receive timestamp, or null before the first reply. Field `receive timestamping`. */
  readonly rxTimestamping: Timestamping | null;
  /** Number of packets sent to the source. Field `transmitted messages`. */
  readonly txCount: number;
  /** Number of packets received from the source. Field `received messages`. */
  readonly rxCount: number;
  /** Number of valid packets received: they passed tests 1 to 7. Field `received valid messages`. */
  readonly validCount: number;
  /**
   * Number of packets received that gave a measurement: they passed all tests; null if an old chronyd does not count
   * them. Field `received good messages`.
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

  /** @throws ChronyDataError if a value is invalid; the message names the property and the value */
  constructor(data: DataOf<NtpData>) {
    const record = recordOf(data, fields);
    this.remoteAddress = fields.remoteAddress.of(record) ?? '';
    this.localAddress = fields.localAddress.of(record);
    this.remotePort = fields.remotePort.of(record);
    this.leapStatus = fields.leapStatus.of(record);
    this.version = fields.version.of(record);
    this.mode = fields.mode.of(record);
    this.stratum = fields.stratum.of(record);
    this.poll = fields.poll.of(record);
    this.precision = fields.precision.of(record);
    this.rootDelay = fields.rootDelay.of(record);
    this.rootDispersion = fields.rootDispersion.of(record);
    this.referenceId = fields.referenceId.of(record);
    this.refTime = fields.refTime.of(record);
    this.offset = fields.offset.of(record);
    this.peerDelay = fields.peerDelay.of(record);
    this.responseTime = fields.responseTime.of(record);
    this.peerDispersion = fields.peerDispersion.of(record);
    this.jitterAsymmetry = fields.jitterAsymmetry.of(record);
    this.tests = fields.tests.of(record);
    this.interleaved = fields.interleaved.of(record);
    this.authenticated = fields.authenticated.of(record);
    this.txTimestamping = fields.txTimestamping.of(record);
    this.rxTimestamping = fields.rxTimestamping.of(record);
    this.txCount = fields.txCount.of(record);
    this.rxCount = fields.rxCount.of(record);
    this.validCount = fields.validCount.of(record);
    this.goodCount = fields.goodCount.of(record);
    this.kernelTxCount = fields.kernelTxCount.of(record);
    this.kernelRxCount = fields.kernelRxCount.of(record);
    this.hardwareTxCount = fields.hardwareTxCount.of(record);
    this.hardwareRxCount = fields.hardwareRxCount.of(record);
    Object.freeze(this);
  }
}
