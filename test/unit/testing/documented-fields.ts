/**
 * The reports in libchrony's documentation: the fields in order, `name: wire type CONTENT`, by the
 * code of the reply that carries them, and the names of values.
 */
import type { ReplyCode } from '../../../src/testing/layouts.ts';

const NTPDATA = `
  remote address: addr ADDRESS
  local address: addr ADDRESS
  remote port: u16 PORT
  leap status: u8 ENUM
  version: u8 COUNT
  mode: u8 ENUM
  stratum: u8 COUNT
  poll: i8 INTERVAL_LOG2_SECONDS
  precision: i8 INTERVAL_LOG2_SECONDS
  root delay: f32 MEASURE_SECONDS
  root dispersion: f32 MEASURE_SECONDS
  reference ID: u32 REFERENCE_ID
  reference time: ts TIME
  offset: f32 OFFSET_SECONDS
  peer delay: f32 MEASURE_SECONDS
  peer dispersion: f32 MEASURE_SECONDS
  response time: f32 MEASURE_SECONDS
  jitter asymmetry: f32 RATIO
  flags: u16 FLAGS
  transmit timestamping: u8 ENUM
  receive timestamping: u8 ENUM
  transmitted messages: u32 COUNT
  received messages: u32 COUNT
  received valid messages: u32 COUNT
  received good messages: u32 COUNT`;

const serverstats = (wire: string): string => `
  received NTP requests: ${wire} COUNT
  accepted NTS-KE connections: ${wire} COUNT
  received command requests: ${wire} COUNT
  dropped NTP requests: ${wire} COUNT
  dropped NTS-KE connections: ${wire} COUNT
  dropped command requests: ${wire} COUNT
  dropped client log records: ${wire} COUNT
  received authenticated NTP requests: ${wire} COUNT`;

const INTERLEAVED = (wire: string): string => `
  received interleaved NTP requests: ${wire} COUNT
  held NTP timestamps: ${wire} COUNT
  NTP timestamp span: ${wire} INTERVAL_SECONDS`;

const reserved = (wire: string, count: number): string =>
  Array.from({ length: count }, (_, i) => `\n  reserved #${i + 1}: ${wire} NONE`).join('');

/** Report, reply code, fields. */
export const documented: readonly (readonly [report: string, reply: ReplyCode, fields: string])[] = [
  [
    'tracking',
    5,
    `
  reference ID: u32 REFERENCE_ID
  address: addr ADDRESS
  stratum: u16 COUNT
  leap status: u16 ENUM
  reference time: ts TIME
  current correction: f32 OFFSET_SECONDS
  last offset: f32 OFFSET_SECONDS
  RMS offset: f32 MEASURE_SECONDS
  frequency offset: f32 OFFSET_PPM
  residual frequency: f32 OFFSET_PPM
  skew: f32 MEASURE_PPM
  root delay: f32 MEASURE_SECONDS
  root dispersion: f32 MEASURE_SECONDS
  last update interval: f32 INTERVAL_SECONDS`,
  ],
  [
    'sources',
    3,
    `
  address: addr ADDRESS
  poll: i16 INTERVAL_LOG2_SECONDS
  stratum: u16 COUNT
  state: u16 ENUM
  mode: u16 ENUM
  flags: u16 NONE
  reachability: u16 BITS
  last sample ago: u32 INTERVAL_SECONDS
  original last sample offset: f32 OFFSET_SECONDS
  adjusted last sample offset: f32 OFFSET_SECONDS
  last sample error: f32 MEASURE_SECONDS`,
  ],
  [
    'sourcestats',
    6,
    `
  reference ID: u32 REFERENCE_ID
  address: addr ADDRESS
  samples: u32 COUNT
  runs: u32 COUNT
  span: u32 INTERVAL_SECONDS
  standard deviation: f32 MEASURE_SECONDS
  residual frequency: f32 OFFSET_PPM
  skew: f32 MEASURE_PPM
  offset: f32 OFFSET_SECONDS
  offset error: f32 MEASURE_SECONDS`,
  ],
  [
    'selectdata',
    23,
    `
  reference ID: u32 REFERENCE_ID
  address: addr ADDRESS
  state: u8 ENUM
  authentication: u8 BOOLEAN
  leap status: u8 ENUM
  reserved #1: u8 NONE
  configured options: u16 FLAGS
  effective options: u16 FLAGS
  last sample ago: u32 INTERVAL_SECONDS
  score: f32 RATIO
  low limit: f32 INTERVAL_SECONDS
  high limit: f32 INTERVAL_SECONDS`,
  ],
  [
    'activity',
    12,
    `
  online sources: u32 COUNT
  offline sources: u32 COUNT
  burst online-return sources: u32 COUNT
  burst offline-return sources: u32 COUNT
  unresolved sources: u32 COUNT`,
  ],
  [
    'authdata',
    20,
    `
  mode: u16 ENUM
  key type: u16 ENUM
  key ID: u32 INDEX
  key length: u16 LENGTH_BITS
  key establishment attempts: u16 COUNT
  last key establishment ago: u32 INTERVAL_SECONDS
  cookies: u16 COUNT
  cookie length: u16 LENGTH_BYTES
  NAK: u16 BOOLEAN
  reserved #1: u16 NONE`,
  ],
  ['ntpdata', 16, NTPDATA + reserved('u32', 3)],
  [
    'ntpdata',
    26,
    `${NTPDATA}
  kernel transmit timestamps: u32 COUNT
  kernel receive timestamps: u32 COUNT
  hardware transmit timestamps: u32 COUNT
  hardware receive timestamps: u32 COUNT${reserved('u32', 4)}`,
  ],
  [
    'serverstats',
    14,
    `
  received NTP requests: u32 COUNT
  received command requests: u32 COUNT
  dropped NTP requests: u32 COUNT
  dropped command requests: u32 COUNT
  dropped client log records: u32 COUNT`,
  ],
  ['serverstats', 22, serverstats('u32')],
  ['serverstats', 24, serverstats('u32') + INTERLEAVED('u32')],
  [
    'serverstats',
    25,
    `${serverstats('u64')}${INTERLEAVED('u64')}
  served daemon RX timestamps: u64 COUNT
  served daemon TX timestamps: u64 COUNT
  served kernel RX timestamps: u64 COUNT
  served kernel TX timestamps: u64 COUNT
  served hardware RX timestamps: u64 COUNT
  served hardware TX timestamps: u64 COUNT${reserved('u64', 4)}`,
  ],
  [
    'rtcdata',
    7,
    `
  reference time: ts TIME
  samples: u16 COUNT
  runs: u16 COUNT
  span: u32 INTERVAL_SECONDS
  offset: f32 OFFSET_SECONDS
  frequency offset: f32 OFFSET_PPM`,
  ],
  [
    'smoothing',
    13,
    `
  flags: u32 FLAGS
  offset: f32 OFFSET_SECONDS
  frequency offset: f32 OFFSET_PPM
  wander: f32 OFFSET_PPM_PER_SECOND
  last update ago: f32 INTERVAL_SECONDS
  remaining time: f32 INTERVAL_SECONDS`,
  ],
];

const LEAP = '0 normal, 1 insert second, 2 delete second, 3 not synchronized';
const OPTIONS = '1 noselect, 2 prefer, 4 trust, 8 require';
const TIMESTAMPING = 'D daemon, K kernel, H hardware';

/** Reply code, field, `value name, …`; a letter stands for its character code. */
export const names: readonly (readonly [reply: ReplyCode, field: string, names: string])[] = [
  [5, 'leap status', LEAP],
  [3, 'state', '0 selected, 1 nonselectable, 2 falseticker, 3 jittery, 4 unselected, 5 selectable'],
  [3, 'mode', '0 client, 1 peer, 2 reference clock'],
  [
    23,
    'state',
    'N ignored, s not synchronized, M missing samples, d unacceptable distance, D large distance, ~ jittery, ' +
      'w waiting for others, W missing selectable sources, S stale, O orphan, T not trusted, P not preferred, ' +
      'U waiting for update, x falseticker, + combined, * best, r stratum out of range',
  ],
  [23, 'leap status', LEAP],
  [23, 'configured options', OPTIONS],
  [23, 'effective options', OPTIONS],
  [20, 'mode', '0 none, 1 symmetric key, 2 NTS'],
  [
    20,
    'key type',
    '1 MD5, 2 SHA1, 3 SHA256, 4 SHA384, 5 SHA512, 6 SHA3-224, 7 SHA3-256, 8 SHA3-384, 9 SHA3-512, 10 TIGER, ' +
      '11 WHIRLPOOL, 13 AES128, 14 AES256, 15 AEAD-AES-SIV-CMAC-256, 30 AEAD-AES-128-GCM-SIV',
  ],
  [26, 'leap status', LEAP],
  [26, 'mode', '1 active symmetric, 2 passive symmetric, 4 server'],
  [26, 'transmit timestamping', TIMESTAMPING],
  [26, 'receive timestamping', TIMESTAMPING],
  [
    26,
    'flags',
    '512 test1, 256 test2, 128 test3, 64 test5, 32 test6, 16 test7, 8 testA, 4 testB, 2 testC, 1 testD, ' +
      '16384 interleaved, 32768 authenticated',
  ],
  [13, 'flags', '1 active, 2 leaponly'],
];
