/**
 * From the data classes' data to the fields of the wire: the inverse of what a client does with a reply.
 * What the server would not know (null) is sent as zero, or as "never" where it is an age.
 */

import type {
  Activity,
  AuthData,
  DataOf,
  NtpData,
  RtcData,
  SelectData,
  ServerStats,
  Smoothing,
  Source,
  SourceStats,
  TrackingStatus,
} from 'chrony-wasm';
import { dottedQuad, referenceIdOf } from './address.ts';
import * as constants from './constants.ts';
import { bitsOf, codeOf, codeOrZero, trueNames } from './constants.ts';
import type { ReplyCode, ReplyValues } from './layouts.ts';
import { timespec } from './wire.ts';

/** Every field of a reply but those that mean nothing. */
type Fields<R extends ReplyCode> = Omit<ReplyValues<R>, `reserved #${number}`>;

/** How a server of its time writes times. */
export type TimeBits = 32 | 64;

/** An age of this many seconds means that it never happened. */
const NEVER = 0xffffffff;
/** An old server's way to say that it does not keep a count. */
const NOT_COUNTED = 0xffffffff;

export function trackingFields(tracking: DataOf<TrackingStatus>, bits: TimeBits): Fields<5> {
  return {
    'reference ID': tracking.referenceId,
    address: tracking.referenceIp,
    stratum: tracking.stratum,
    'leap status': codeOf(constants.leapCodes, tracking.leapStatus),
    'reference time': timespec(tracking.refTime, bits),
    'current correction': tracking.offset,
    'last offset': tracking.lastOffset,
    'RMS offset': tracking.rmsOffset,
    'frequency offset': tracking.frequency,
    'residual frequency': tracking.residualFreq,
    skew: tracking.skew,
    'root delay': tracking.rootDelay,
    'root dispersion': tracking.rootDispersion,
    'last update interval': tracking.updateInterval,
  };
}

export function sourceFields(source: DataOf<Source>): Fields<3> {
  return {
    // A reference clock's ID travels in the place of an IPv4 address.
    address: isReferenceClock(source) ? dottedQuad(referenceIdOf(source.address)) : source.address,
    poll: source.poll,
    stratum: source.stratum,
    state: codeOf(constants.sourceStates, source.state),
    mode: codeOf(constants.sourceModes, source.mode),
    flags: source.flags,
    reachability: source.reachability,
    'last sample ago': source.lastSampleAgo ?? NEVER,
    'original last sample offset': source.origLatestMeas,
    'adjusted last sample offset': source.latestMeas,
    'last sample error': source.latestMeasErr,
  };
}

/** @param address the source's, or null for a reference clock, which has none here. */
export function sourceStatsFields(stats: DataOf<SourceStats>, address: string | null): Fields<6> {
  return {
    'reference ID': stats.referenceId,
    address,
    samples: stats.samples,
    runs: stats.runs,
    span: stats.span,
    'standard deviation': stats.stdDev,
    'residual frequency': stats.residFreq,
    skew: stats.skew,
    offset: stats.offset,
    'offset error': stats.offsetErr,
  };
}

/** @param address the source's, or null for a reference clock, which has none here. */
export function selectFields(select: DataOf<SelectData>, address: string | null): Fields<23> {
  return {
    'reference ID': select.referenceId,
    address,
    state: codeOf(constants.selectStates, select.state),
    authentication: Number(select.authenticated),
    'leap status': codeOf(constants.leapCodes, select.leapStatus),
    'configured options': bitsOf(constants.selectOptions, select.configuredOptions),
    'effective options': bitsOf(constants.selectOptions, select.effectiveOptions),
    'last sample ago': select.lastSampleAgo ?? NEVER,
    score: select.score,
    'low limit': select.lowLimit,
    'high limit': select.highLimit,
  };
}

export function activityFields(activity: DataOf<Activity>): Fields<12> {
  return {
    'online sources': activity.online,
    'offline sources': activity.offline,
    'burst online-return sources': activity.burstOnline,
    'burst offline-return sources': activity.burstOffline,
    'unresolved sources': activity.unresolved,
  };
}

export function authFields(auth: DataOf<AuthData>): Fields<20> {
  return {
    mode: codeOf(constants.authModes, auth.mode),
    'key type': codeOrZero(constants.keyTypes, auth.keyType),
    'key ID': auth.keyId,
    'key length': auth.keyLength,
    'key establishment attempts': auth.keAttempts,
    'last key establishment ago': auth.lastKeAgo ?? NEVER,
    cookies: auth.cookies,
    'cookie length': auth.cookieLength,
    NAK: Number(auth.nak),
  };
}

/** The fields of the longer reply, which include those of the shorter one. */
export function ntpFields(ntp: DataOf<NtpData>, bits: TimeBits): Fields<26> {
  const { interleaved, authenticated } = ntp;
  return {
    'remote address': ntp.remoteAddress === '' ? null : ntp.remoteAddress,
    'local address': ntp.localAddress,
    'remote port': ntp.remotePort,
    'leap status': codeOf(constants.leapCodes, ntp.leapStatus),
    version: ntp.version,
    mode: codeOrZero(constants.ntpModes, ntp.mode),
    stratum: ntp.stratum,
    poll: ntp.poll,
    precision: ntp.precision,
    'root delay': ntp.rootDelay,
    'root dispersion': ntp.rootDispersion,
    'reference ID': ntp.referenceId,
    'reference time': timespec(ntp.refTime, bits),
    offset: ntp.offset,
    'peer delay': ntp.peerDelay,
    'peer dispersion': ntp.peerDispersion,
    'response time': ntp.responseTime,
    'jitter asymmetry': ntp.jitterAsymmetry,
    flags:
      bitsOf(constants.ntpTests, trueNames(ntp.tests)) |
      bitsOf(constants.ntpFlags, trueNames({ interleaved, authenticated })),
    'transmit timestamping': codeOrZero(constants.timestampings, ntp.txTimestamping),
    'receive timestamping': codeOrZero(constants.timestampings, ntp.rxTimestamping),
    'transmitted messages': ntp.txCount,
    'received messages': ntp.rxCount,
    'received valid messages': ntp.validCount,
    'received good messages': ntp.goodCount ?? NOT_COUNTED,
    'kernel transmit timestamps': ntp.kernelTxCount ?? 0,
    'kernel receive timestamps': ntp.kernelRxCount ?? 0,
    'hardware transmit timestamps': ntp.hardwareTxCount ?? 0,
    'hardware receive timestamps': ntp.hardwareRxCount ?? 0,
  };
}

/** The fields of the longest reply, which include those of the shorter ones. */
export function serverStatsFields(stats: DataOf<ServerStats>): Record<keyof Fields<25>, number> {
  return {
    'received NTP requests': stats.ntpReceived,
    'accepted NTS-KE connections': stats.ntsKeAccepted ?? 0,
    'received command requests': stats.commandReceived,
    'dropped NTP requests': stats.ntpDropped,
    'dropped NTS-KE connections': stats.ntsKeDropped ?? 0,
    'dropped command requests': stats.commandDropped,
    'dropped client log records': stats.logDropped,
    'received authenticated NTP requests': stats.ntpAuthenticated ?? 0,
    'received interleaved NTP requests': stats.ntpInterleaved ?? 0,
    'held NTP timestamps': stats.timestampsHeld ?? 0,
    'NTP timestamp span': stats.timestampSpan ?? 0,
    'served daemon RX timestamps': stats.daemonRx ?? 0,
    'served daemon TX timestamps': stats.daemonTx ?? 0,
    'served kernel RX timestamps': stats.kernelRx ?? 0,
    'served kernel TX timestamps': stats.kernelTx ?? 0,
    'served hardware RX timestamps': stats.hardwareRx ?? 0,
    'served hardware TX timestamps': stats.hardwareTx ?? 0,
  };
}

export function rtcFields(rtc: DataOf<RtcData>, bits: TimeBits): Fields<7> {
  return {
    'reference time': timespec(rtc.refTime, bits),
    samples: rtc.samples,
    runs: rtc.runs,
    span: rtc.span,
    offset: rtc.offset,
    'frequency offset': rtc.freqOffset,
  };
}

export function smoothingFields(smoothing: DataOf<Smoothing>): Fields<13> {
  const { active, leapOnly } = smoothing;
  return {
    flags: bitsOf(constants.smoothingFlags, trueNames({ active, leaponly: leapOnly })),
    offset: smoothing.offset,
    'frequency offset': smoothing.frequency,
    wander: smoothing.wander,
    'last update ago': smoothing.lastUpdateAgo,
    'remaining time': smoothing.remainingTime,
  };
}

/** True if the source is a reference clock, hence has a name in place of an address. */
export function isReferenceClock(source: DataOf<Source>): boolean {
  return source.mode === 'reference clock';
}
