/**
 * One record of each report and extension report as chronyd sends it, and the decoded data. Every property has a unique value,
 * so that a field that is read into the wrong property is detected.
 */
import {
  type Activity,
  type AuthData,
  type ClientAccess,
  type DataOf,
  decoders,
  type ExtensionReportName,
  extensionDecoders,
  type ManualSample,
  type NtpData,
  type ReportName,
  type RtcData,
  type SelectData,
  type ServerStats,
  type Smoothing,
  type Source,
  type SourceName,
  type SourceStats,
  type TrackingStatus,
} from '../../../src/reports/index.ts';
import { type FakeFields, FakeRecord } from './fake-record.ts';

const allDecoders = { ...decoders, ...extensionDecoders };

/** The name of a report or an extension report. */
export type AnyName = ReportName | ExtensionReportName;

/** The class of a report or an extension report, by its name. */
export type ReportOf<Name extends AnyName> = ReturnType<(typeof allDecoders)[Name]['decode']>;

/** The source of the `authdata` and `sourcename` records. */
export const ADDRESS = '192.0.2.7';

const NORMAL = { value: 0, name: 'normal' };

export const fields = {
  tracking: {
    'reference ID': 0xc0000207,
    address: '192.0.2.7',
    stratum: 3,
    'leap status': NORMAL,
    'reference time': 1795402568.25,
    'current correction': -0.0000026,
    'last offset': 0.0000011,
    'RMS offset': 0.0000019,
    'frequency offset': -12.5,
    'residual frequency': 0.001,
    skew: 0.926,
    'root delay': 0.0089,
    'root dispersion': 0.0024,
    'last update interval': 64.5,
  },
  sources: {
    address: '2001:db8::7',
    poll: -2,
    stratum: 2,
    state: { value: 0, name: 'selected' },
    mode: { value: 1, name: 'peer' },
    flags: 8,
    reachability: 255,
    'last sample ago': 17,
    'original last sample offset': -0.0011,
    'adjusted last sample offset': 0.0012,
    'last sample error': 0.0013,
  },
  sourcestats: {
    'reference ID': 0xc0000207,
    address: '192.0.2.7',
    samples: 12,
    runs: 8,
    span: 770,
    'standard deviation': 0.00011,
    'residual frequency': -0.004,
    skew: 0.871,
    offset: -0.00021,
    'offset error': 0.00031,
  },
  selectdata: {
    'reference ID': 0xc0000207,
    address: '192.0.2.7',
    state: { value: 0x2b, name: 'combined' },
    authentication: 1,
    'leap status': { value: 1, name: 'insert second' },
    'reserved #1': 0,
    'configured options': ['prefer'],
    'effective options': ['prefer', 'trust', 'require'],
    'last sample ago': 5,
    score: 1.5,
    'low limit': -0.0045,
    'high limit': 0.0044,
  },
  activity: {
    'online sources': 5,
    'offline sources': 4,
    'burst online-return sources': 3,
    'burst offline-return sources': 2,
    'unresolved sources': 1,
  },
  authdata: {
    mode: { value: 2, name: 'NTS' },
    'key type': { value: 30, name: 'AEAD-AES-128-GCM-SIV' },
    'key ID': 6,
    'key length': 128,
    'key establishment attempts': 1,
    'last key establishment ago': 8100,
    cookies: 8,
    'cookie length': 100,
    NAK: 1,
    'reserved #1': 0,
  },
  ntpdata: {
    'remote address': '192.0.2.7',
    'local address': '192.0.2.1',
    'remote port': 123,
    'leap status': { value: 2, name: 'delete second' },
    version: 4,
    mode: { value: 4, name: 'server' },
    stratum: 2,
    poll: 10,
    precision: -24,
    'root delay': 0.015,
    'root dispersion': 0.016,
    'reference ID': 0x47505300,
    'reference time': 1795402562.5,
    offset: -0.0006,
    'peer delay': 0.0017,
    'peer dispersion': 0.0018,
    'response time': 0.0019,
    'jitter asymmetry': -0.25,
    flags: ['test1', 'test2', 'test3', 'test5', 'test6', 'test7', 'testA', 'testD', 'interleaved'],
    'transmit timestamping': { value: 0x4b, name: 'kernel' },
    'receive timestamping': { value: 0x48, name: 'hardware' },
    'transmitted messages': 31,
    'received messages': 30,
    'received valid messages': 29,
    'received good messages': 28,
    'kernel transmit timestamps': 27,
    'kernel receive timestamps': 26,
    'hardware transmit timestamps': 25,
    'hardware receive timestamps': 24,
    'reserved #1': 0,
    'reserved #2': 0,
    'reserved #3': 0,
    'reserved #4': 0,
  },
  serverstats: {
    'received NTP requests': 101,
    'accepted NTS-KE connections': 102,
    'received command requests': 103,
    'dropped NTP requests': 104,
    'dropped NTS-KE connections': 105,
    'dropped command requests': 106,
    'dropped client log records': 107,
    'received authenticated NTP requests': 108,
    'received interleaved NTP requests': 109,
    'held NTP timestamps': 110,
    'NTP timestamp span': 111,
    'served daemon RX timestamps': 112,
    'served daemon TX timestamps': 113,
    'served kernel RX timestamps': 114,
    'served kernel TX timestamps': 115,
    'served hardware RX timestamps': 116,
    'served hardware TX timestamps': 117,
    'reserved #1': 0,
    'reserved #2': 0,
    'reserved #3': 0,
    'reserved #4': 0,
  },
  rtcdata: {
    'reference time': 1795402560,
    samples: 10,
    runs: 5,
    span: 1800,
    offset: -0.75,
    'frequency offset': 3.25,
  },
  smoothing: {
    flags: ['active', 'leaponly'],
    offset: 1.000268817,
    'frequency offset': -0.142859,
    wander: -0.01,
    'last update ago': 17.8,
    'remaining time': 19988.4,
  },
  sourcename: { name: 'ntp.example.net' },
  clients: {
    address: '192.0.2.8',
    'NTP hits': 201,
    'NTS-KE hits': 202,
    'command hits': 203,
    'NTP drops': 204,
    'NTS-KE drops': 205,
    'command drops': 206,
    'NTP interval': -2,
    'NTS-KE interval': 10,
    'command interval': 3,
    'NTP timeout interval': 1,
    'last NTP hit ago': 211,
    'last NTS-KE hit ago': 212,
    'last command hit ago': 213,
  },
  'manual list': {
    time: 1795402561.5,
    'slewed offset': 0.0051,
    'original offset': -0.0052,
    residual: 0.0003,
  },
} as const satisfies Record<AnyName, FakeFields>;

const tracking: DataOf<TrackingStatus> = {
  referenceId: 0xc0000207,
  referenceIdName: '192.0.2.7',
  referenceIp: '192.0.2.7',
  stratum: 3,
  leapStatus: 'normal',
  refTime: 1795402568.25,
  offset: -0.0000026,
  lastOffset: 0.0000011,
  rmsOffset: 0.0000019,
  frequency: -12.5,
  residualFreq: 0.001,
  skew: 0.926,
  rootDelay: 0.0089,
  rootDispersion: 0.0024,
  updateInterval: 64.5,
};

const sources: DataOf<Source> = {
  address: '2001:db8::7',
  name: null,
  poll: -2,
  stratum: 2,
  state: 'selected',
  mode: 'peer',
  flags: 8,
  reachability: 255,
  lastSampleAgo: 17,
  origLatestMeas: -0.0011,
  latestMeas: 0.0012,
  latestMeasErr: 0.0013,
};

const sourcestats: DataOf<SourceStats> = {
  referenceId: 0xc0000207,
  address: '192.0.2.7',
  samples: 12,
  runs: 8,
  span: 770,
  stdDev: 0.00011,
  residFreq: -0.004,
  skew: 0.871,
  offset: -0.00021,
  offsetErr: 0.00031,
};

const selectdata: DataOf<SelectData> = {
  referenceId: 0xc0000207,
  address: '192.0.2.7',
  state: 'combined',
  authenticated: true,
  leapStatus: 'insert second',
  configuredOptions: ['prefer'],
  effectiveOptions: ['prefer', 'trust', 'require'],
  lastSampleAgo: 5,
  score: 1.5,
  lowLimit: -0.0045,
  highLimit: 0.0044,
};

const activity: DataOf<Activity> = { online: 5, offline: 4, burstOnline: 3, burstOffline: 2, unresolved: 1 };

const authdata: DataOf<AuthData> = {
  address: ADDRESS,
  mode: 'NTS',
  keyType: 'AEAD-AES-128-GCM-SIV',
  keyId: 6,
  keyLength: 128,
  keAttempts: 1,
  lastKeAgo: 8100,
  cookies: 8,
  cookieLength: 100,
  nak: true,
};

const ntpdata: DataOf<NtpData> = {
  remoteAddress: '192.0.2.7',
  localAddress: '192.0.2.1',
  remotePort: 123,
  leapStatus: 'delete second',
  version: 4,
  mode: 'server',
  stratum: 2,
  poll: 10,
  precision: -24,
  rootDelay: 0.015,
  rootDispersion: 0.016,
  referenceId: 0x47505300,
  refTime: 1795402562.5,
  offset: -0.0006,
  peerDelay: 0.0017,
  peerDispersion: 0.0018,
  responseTime: 0.0019,
  jitterAsymmetry: -0.25,
  tests: {
    test1: true,
    test2: true,
    test3: true,
    test5: true,
    test6: true,
    test7: true,
    testA: true,
    testB: false,
    testC: false,
    testD: true,
  },
  interleaved: true,
  authenticated: false,
  txTimestamping: 'kernel',
  rxTimestamping: 'hardware',
  txCount: 31,
  rxCount: 30,
  validCount: 29,
  goodCount: 28,
  kernelTxCount: 27,
  kernelRxCount: 26,
  hardwareTxCount: 25,
  hardwareRxCount: 24,
};

const serverstats: DataOf<ServerStats> = {
  ntpReceived: 101,
  ntpDropped: 104,
  commandReceived: 103,
  commandDropped: 106,
  logDropped: 107,
  ntsKeAccepted: 102,
  ntsKeDropped: 105,
  ntpAuthenticated: 108,
  ntpInterleaved: 109,
  timestampsHeld: 110,
  timestampSpan: 111,
  daemonRx: 112,
  daemonTx: 113,
  kernelRx: 114,
  kernelTx: 115,
  hardwareRx: 116,
  hardwareTx: 117,
};

const rtcdata: DataOf<RtcData> = {
  refTime: 1795402560,
  samples: 10,
  runs: 5,
  span: 1800,
  offset: -0.75,
  freqOffset: 3.25,
};

const sourcename: DataOf<SourceName> = { address: ADDRESS, name: 'ntp.example.net' };

const clients: DataOf<ClientAccess> = {
  address: '192.0.2.8',
  ntpHits: 201,
  ntpDrops: 204,
  ntpInterval: -2,
  ntpTimeoutInterval: 1,
  lastNtpHitAgo: 211,
  ntsKeHits: 202,
  ntsKeDrops: 205,
  ntsKeInterval: 10,
  lastNtsKeHitAgo: 212,
  commandHits: 203,
  commandDrops: 206,
  commandInterval: 3,
  lastCommandHitAgo: 213,
};

const manualList: DataOf<ManualSample> = {
  time: 1795402561.5,
  slewedOffset: 0.0051,
  originalOffset: -0.0052,
  residual: 0.0003,
};

const smoothing: DataOf<Smoothing> = {
  active: true,
  leapOnly: true,
  offset: 1.000268817,
  frequency: -0.142859,
  wander: -0.01,
  lastUpdateAgo: 17.8,
  remainingTime: 19988.4,
};

/** The decoded data of {@link fields}. */
export const data = {
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
  sourcename,
  clients,
  'manual list': manualList,
};

/** Decodes the record of a report in {@link fields}, with some fields changed. */
export function decode<Name extends AnyName>(name: Name, changes: FakeFields = {}): ReportOf<Name> {
  return decodeRecord(name, new FakeRecord({ ...fields[name], ...changes }));
}

/** Decodes any record of a report. */
export function decodeRecord<Name extends AnyName>(name: Name, record: FakeRecord): ReportOf<Name> {
  const decoded =
    name === 'authdata' || name === 'sourcename'
      ? allDecoders[name].decode(record, ADDRESS)
      : allDecoders[name as Exclude<AnyName, 'authdata' | 'sourcename'>].decode(record);
  return decoded as ReportOf<Name>;
}
