/**
 * Converts the typed reports to the columns of the newest `chronyc -c -n`, for comparison with its output. Columns
 * that chronyd does not count are omitted. Times are left to the caller: a double cannot hold a current time with
 * nine decimals.
 */
import { fixed } from '../../src/chronyc/values.ts';
import type {
  Activity,
  AuthData,
  LeapStatus,
  NtpData,
  RtcData,
  SelectData,
  SelectOption,
  ServerStats,
  Smoothing,
  Source,
  SourceStats,
  TrackingStatus,
} from '../../src/index.ts';

/** The placeholder for a time. */
export const TIME = 'TIME';

const NEVER = 2 ** 32 - 1;

const LEAP: Readonly<Record<LeapStatus, string>> = {
  normal: 'Normal',
  'insert second': 'Insert second',
  'delete second': 'Delete second',
  'not synchronized': 'Not synchronised',
};

function hex(id: number): string {
  return id.toString(16).toUpperCase().padStart(8, '0');
}

function yes(value: boolean): string {
  return value ? 'Yes' : 'No';
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function tracking(t: TrackingStatus): unknown[] {
  return [
    hex(t.referenceId),
    t.referenceIdName,
    t.stratum,
    TIME,
    fixed(t.offset, 9),
    fixed(t.lastOffset, 9),
    fixed(t.rmsOffset, 9),
    fixed(t.frequency, 3),
    fixed(t.residualFreq, 3),
    fixed(t.skew, 3),
    fixed(t.rootDelay, 9),
    fixed(t.rootDispersion, 9),
    fixed(t.updateInterval, 1),
    LEAP[t.leapStatus],
  ];
}

function sources(s: Source): unknown[] {
  return [
    { client: '^', peer: '=', 'reference clock': '#' }[s.mode],
    { selected: '*', nonselectable: '?', falseticker: 'x', jittery: '~', unselected: '+', selectable: '-' }[
      s.state
    ],
    s.address,
    s.stratum,
    s.poll,
    s.reachability.toString(8),
    s.lastSampleAgo ?? NEVER,
    fixed(s.latestMeas, 9),
    fixed(s.origLatestMeas, 9),
    fixed(s.latestMeasErr, 9),
  ];
}

function sourcestats(s: SourceStats): unknown[] {
  return [
    s.address,
    s.samples,
    s.runs,
    s.span,
    fixed(s.residFreq, 3),
    fixed(s.skew, 3),
    fixed(s.offset, 9),
    fixed(s.stdDev, 9),
  ];
}

const SELECT_STATE: Readonly<Record<SelectData['state'], string>> = {
  ignored: 'N',
  'not synchronized': 's',
  'missing samples': 'M',
  'unacceptable distance': 'd',
  'large distance': 'D',
  jittery: '~',
  'waiting for others': 'w',
  'missing selectable sources': 'W',
  stale: 'S',
  orphan: 'O',
  'not trusted': 'T',
  'not preferred': 'P',
  'waiting for update': 'U',
  falseticker: 'x',
  combined: '+',
  best: '*',
  'stratum out of range': 'r',
};

function options(set: readonly SelectOption[]): string[] {
  const letters = { noselect: 'N', prefer: 'P', trust: 'T', require: 'R' } as const;
  const shown = Object.entries(letters).map(([name, letter]) =>
    set.includes(name as SelectOption) ? letter : '-',
  );
  return [...shown, '-'];
}

function selectdata(s: SelectData): unknown[] {
  return [
    SELECT_STATE[s.state],
    s.address,
    s.authenticated ? 'Y' : 'N',
    ...options(s.configuredOptions),
    ...options(s.effectiveOptions),
    s.lastSampleAgo ?? NEVER,
    fixed(s.score, 1),
    fixed(s.lowLimit, 9),
    fixed(s.highLimit, 9),
    LEAP[s.leapStatus],
  ];
}

function activity(a: Activity): unknown[] {
  return [a.online, a.offline, a.burstOnline, a.burstOffline, a.unresolved];
}

const KEY_TYPES: Readonly<Record<Exclude<AuthData['keyType'], null>, number>> = {
  MD5: 1,
  SHA1: 2,
  SHA256: 3,
  SHA384: 4,
  SHA512: 5,
  'SHA3-224': 6,
  'SHA3-256': 7,
  'SHA3-384': 8,
  'SHA3-512': 9,
  TIGER: 10,
  WHIRLPOOL: 11,
  AES128: 13,
  AES256: 14,
  'AEAD-AES-SIV-CMAC-256': 15,
  'AEAD-AES-128-GCM-SIV': 30,
};

function authdata(a: AuthData): unknown[] {
  return [
    a.address,
    { none: '-', 'symmetric key': 'SK', NTS: 'NTS' }[a.mode],
    a.keyId,
    a.keyType === null ? 0 : KEY_TYPES[a.keyType],
    a.keyLength,
    a.lastKeAgo ?? NEVER,
    a.keAttempts,
    a.nak ? 1 : 0,
    a.cookies,
    a.cookieLength,
  ];
}

/** The counters that chronyd supports. An older chronyd lacks some; they are null. */
function counted(...counts: readonly (number | null)[]): unknown[] {
  return counts.filter((count) => count !== null);
}

/** Without the columns that only chronyc computes: see {@link NTPDATA_IDS}. */
function ntpdata(n: NtpData): unknown[] {
  const bits = (...tests: boolean[]): string => tests.map(Number).join('');
  const t = n.tests;
  return [
    n.remoteAddress || '[UNSPEC]',
    n.remotePort,
    n.localAddress ?? '[UNSPEC]',
    LEAP[n.leapStatus],
    n.version,
    n.mode === null ? 'Invalid' : capital(n.mode),
    n.stratum,
    n.poll,
    fixed(2 ** n.poll, 0),
    n.precision,
    fixed(2 ** n.precision, 9),
    fixed(n.rootDelay, 6),
    fixed(n.rootDispersion, 6),
    hex(n.referenceId),
    TIME,
    fixed(n.offset, 9),
    fixed(n.peerDelay, 9),
    fixed(n.peerDispersion, 9),
    fixed(n.responseTime, 9),
    fixed(n.jitterAsymmetry, 2),
    bits(t.test1, t.test2, t.test3),
    bits(t.test5, t.test6, t.test7),
    bits(t.testA, t.testB, t.testC, t.testD),
    yes(n.interleaved),
    yes(n.authenticated),
    n.txTimestamping === null ? 'Invalid' : capital(n.txTimestamping),
    n.rxTimestamping === null ? 'Invalid' : capital(n.rxTimestamping),
    n.txCount,
    n.rxCount,
    n.validCount,
    n.goodCount ?? NEVER,
    ...counted(n.kernelTxCount, n.kernelRxCount, n.hardwareTxCount, n.hardwareRxCount),
  ];
}

/** The columns that {@link ntpdata} omits: the two addresses as reference IDs, and the reference ID as text. */
export const NTPDATA_IDS: readonly number[] = [1, 4, 16];

function serverstats(s: ServerStats): unknown[] {
  return counted(
    s.ntpReceived,
    s.ntpDropped,
    s.commandReceived,
    s.commandDropped,
    s.logDropped,
    s.ntsKeAccepted,
    s.ntsKeDropped,
    s.ntpAuthenticated,
    s.ntpInterleaved,
    s.timestampsHeld,
    s.timestampSpan,
    s.daemonRx,
    s.daemonTx,
    s.kernelRx,
    s.kernelTx,
    s.hardwareRx,
    s.hardwareTx,
  );
}

function rtcdata(r: RtcData): unknown[] {
  return [TIME, r.samples, r.runs, r.span, fixed(r.offset, 6), fixed(r.freqOffset, 3)];
}

function smoothing(s: Smoothing): unknown[] {
  return [
    yes(s.active),
    s.leapOnly ? '(leap second only)' : '',
    fixed(s.offset, 9),
    fixed(s.frequency, 6),
    fixed(s.wander, 6),
    fixed(s.lastUpdateAgo, 1),
    fixed(s.remainingTime, 1),
  ];
}

/** A function per report that returns its columns. */
export const columns = {
  tracking,
  sources,
  sourcestats,
  selectdata,
  activity,
  authdata,
  ntpdata,
  serverstats,
  rtcdata,
  smoothing,
} as const;
