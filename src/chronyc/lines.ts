/**
 * The fields of the reports, in chronyc's order: label, format, name in a raw record, and property of the data class.
 * The command line and the page both use these tables. Other reports have only columns, for which chronyc has no
 * labels.
 */
import type { Activity } from '../reports/activity.ts';
import type { NtpData } from '../reports/ntpdata.ts';
import type { DataOf } from '../reports/record.ts';
import type { RtcData } from '../reports/rtcdata.ts';
import type { ServerStats } from '../reports/serverstats.ts';
import type { Smoothing } from '../reports/smoothing.ts';
import type { Source } from '../reports/sources.ts';
import type { SourceStats } from '../reports/sourcestats.ts';
import type { TrackingStatus } from '../reports/tracking.ts';
import { givenName } from './fields.ts';
import {
  aligned,
  count,
  decimals,
  directed,
  flag,
  intervals,
  type Line,
  leap,
  line,
  named,
  offsetSizes,
  offsets,
  optionalCount,
  powerOfTwo,
  ppms,
  signedDecimals,
  signedPpms,
  time,
} from './format.ts';
import { readableOffset, readableSignedOffset, referenceHex, referenceText, yesNo } from './values.ts';

const seconds = decimals(9, ' seconds');
const signedSeconds = signedDecimals(9, ' seconds');

export const TRACKING: readonly Line<DataOf<TrackingStatus>>[] = [
  {
    label: 'Reference ID',
    ofRecord(fields) {
      const id = fields.number('reference ID');
      const cells = [referenceHex(id), givenName(fields) ?? (fields.text('address') || referenceText(id))];
      return { text: `${cells[0]} (${cells[1]})`, cells };
    },
    ofData: ({ referenceId: id, referenceIp }) => `${referenceHex(id)} (${referenceIp ?? referenceText(id)})`,
  },
  line('Stratum', count, 'stratum', 'stratum'),
  line('Ref time (UTC)', time, 'reference time', 'refTime'),
  line(
    'System time',
    directed(9, (size, isPositive) => `${size} seconds ${isPositive ? 'slow' : 'fast'} of NTP time`),
    'current correction',
    'offset',
  ),
  line('Last offset', signedSeconds, 'last offset', 'lastOffset'),
  line('RMS offset', seconds, 'RMS offset', 'rmsOffset'),
  line(
    'Frequency',
    directed(3, (size, isPositive) => `${size} ppm ${isPositive ? 'fast' : 'slow'}`),
    'frequency offset',
    'frequency',
  ),
  line('Residual freq', signedDecimals(3, ' ppm'), 'residual frequency', 'residualFreq'),
  line('Skew', decimals(3, ' ppm'), 'skew', 'skew'),
  line('Root delay', seconds, 'root delay', 'rootDelay'),
  line('Root dispersion', seconds, 'root dispersion', 'rootDispersion'),
  line('Update interval', decimals(1, ' seconds'), 'last update interval', 'updateInterval'),
  line('Leap status', leap, 'leap status', 'leapStatus'),
];

/** chronyc prints the labels of this report after the values. */
export const ACTIVITY: readonly Line<DataOf<Activity>>[] = [
  line('sources online', count, 'online sources', 'online'),
  line('sources offline', count, 'offline sources', 'offline'),
  line('sources doing burst (return to online)', count, 'burst online-return sources', 'burstOnline'),
  line('sources doing burst (return to offline)', count, 'burst offline-return sources', 'burstOffline'),
  line('sources with unknown address', count, 'unresolved sources', 'unresolved'),
];

/** Newer versions of chronyd have more of these counters. */
export const SERVERSTATS: readonly Line<DataOf<ServerStats>>[] = [
  line('NTP packets received', optionalCount, 'received NTP requests', 'ntpReceived'),
  line('NTP packets dropped', optionalCount, 'dropped NTP requests', 'ntpDropped'),
  line('Command packets received', optionalCount, 'received command requests', 'commandReceived'),
  line('Command packets dropped', optionalCount, 'dropped command requests', 'commandDropped'),
  line('Client log records dropped', optionalCount, 'dropped client log records', 'logDropped'),
  line('NTS-KE connections accepted', optionalCount, 'accepted NTS-KE connections', 'ntsKeAccepted'),
  line('NTS-KE connections dropped', optionalCount, 'dropped NTS-KE connections', 'ntsKeDropped'),
  line('Authenticated NTP packets', optionalCount, 'received authenticated NTP requests', 'ntpAuthenticated'),
  line('Interleaved NTP packets', optionalCount, 'received interleaved NTP requests', 'ntpInterleaved'),
  line('NTP timestamps held', optionalCount, 'held NTP timestamps', 'timestampsHeld'),
  line('NTP timestamp span', optionalCount, 'NTP timestamp span', 'timestampSpan'),
  line('NTP daemon RX timestamps', optionalCount, 'served daemon RX timestamps', 'daemonRx'),
  line('NTP daemon TX timestamps', optionalCount, 'served daemon TX timestamps', 'daemonTx'),
  line('NTP kernel RX timestamps', optionalCount, 'served kernel RX timestamps', 'kernelRx'),
  line('NTP kernel TX timestamps', optionalCount, 'served kernel TX timestamps', 'kernelTx'),
  line('NTP hardware RX timestamps', optionalCount, 'served hardware RX timestamps', 'hardwareRx'),
  line('NTP hardware TX timestamps', optionalCount, 'served hardware TX timestamps', 'hardwareTx'),
];

export const RTCDATA: readonly Line<DataOf<RtcData>>[] = [
  line('RTC ref time (UTC)', time, 'reference time', 'refTime'),
  line('Number of samples', count, 'samples', 'samples'),
  line('Number of runs', count, 'runs', 'runs'),
  line('Sample span period', intervals, 'span', 'span'),
  line('RTC is fast by', aligned(6, 12, ' seconds'), 'offset', 'offset'),
  line('RTC gains time at', aligned(3, 9, ' ppm'), 'frequency offset', 'freqOffset'),
];

const ACTIVE = 1;
const LEAP_ONLY = 2;

function activeText(active: boolean, leapOnly: boolean): [active: string, leapOnly: string] {
  return [yesNo(active), leapOnly ? '(leap second only)' : ''];
}

export const SMOOTHING: readonly Line<DataOf<Smoothing>>[] = [
  {
    label: 'Active',
    ofRecord(fields) {
      const bits = fields.number('flags');
      const cells = activeText((bits & ACTIVE) !== 0, (bits & LEAP_ONLY) !== 0);
      return { text: cells.join(' '), cells };
    },
    ofData: ({ active, leapOnly }) => activeText(active, leapOnly).join(' ').trim(),
  },
  line('Offset', signedSeconds, 'offset', 'offset'),
  line('Frequency', signedDecimals(6, ' ppm'), 'frequency offset', 'frequency'),
  line('Wander', signedDecimals(6, ' ppm per second'), 'wander', 'wander'),
  line('Last update', decimals(1, ' seconds ago'), 'last update ago', 'lastUpdateAgo'),
  line('Remaining time', decimals(1, ' seconds'), 'remaining time', 'remainingTime'),
];

/** The mark of each state of a source. */
export const STATE_MARKS = {
  selected: '*',
  nonselectable: '?',
  falseticker: 'x',
  jittery: '~',
  unselected: '+',
  selectable: '-',
} as const satisfies Readonly<Record<Source['state'], string>>;

/** In the order of chronyc's columns; the labels are the page's. */
export const SOURCESTATS = {
  samples: line('Samples', count, 'samples', 'samples'),
  runs: line('Residual runs', count, 'runs', 'runs'),
  span: line('Span', intervals, 'span', 'span'),
  frequency: line('Frequency', signedPpms, 'residual frequency', 'residFreq'),
  skew: line('Frequency skew', ppms, 'skew', 'skew'),
  offset: {
    ...line('Offset', offsets, 'offset', 'offset'),
    // the page adds the error, which chronyc does not print
    ofData: ({ offset: value, offsetErr }) => `${readableSignedOffset(value)} ± ${readableOffset(offsetErr)}`,
  },
  deviation: line('Std deviation', offsetSizes, 'standard deviation', 'stdDev'),
} as const satisfies Readonly<Record<string, Line<DataOf<SourceStats>>>>;

function address(label: string, field: string, key: 'remoteAddress' | 'localAddress'): Line<DataOf<NtpData>> {
  return {
    label,
    ofRecord(fields) {
      const cells = fields.address(field);
      return { text: `${cells[0]} (${cells[1]})`, cells };
    },
    // the page does not repeat an address in hexadecimal
    ofData: ({ [key]: value }) => value || 'none',
  };
}

const MODES = {
  'active symmetric': 'Symmetric active',
  'passive symmetric': 'Symmetric passive',
  server: 'Server',
} as const;

const timestamping = named({ daemon: 'Daemon', kernel: 'Kernel', hardware: 'Hardware' }, 'None yet');

const TEST_BITS = 10;
const INTERLEAVED = 0x4000;
const AUTHENTICATED = 0x8000;

/** Tests 1 to 3, 5 to 7 and A to D. @param bits - of each test: 1 is passed */
function testGroups(bits: string): readonly string[] {
  return [bits.slice(0, 3), bits.slice(3, 6), bits.slice(6)];
}

/** Only references of stratum 0 and 1 sources have a name: for higher strata the ID is an address or a hash. */
function referenceCells(id: number, stratum: number): readonly [hex: string, name: string] {
  return [referenceHex(id), stratum <= 1 ? referenceText(id) : ''];
}

const shortSeconds = decimals(6, ' seconds');

export const NTPDATA: readonly Line<DataOf<NtpData>>[] = [
  address('Remote address', 'remote address', 'remoteAddress'),
  line('Remote port', count, 'remote port', 'remotePort'),
  address('Local address', 'local address', 'localAddress'),
  line('Leap status', leap, 'leap status', 'leapStatus'),
  line('Version', count, 'version', 'version'),
  line('Mode', named(MODES, 'none yet'), 'mode', 'mode'),
  line('Stratum', count, 'stratum', 'stratum'),
  line('Poll interval', powerOfTwo(0), 'poll', 'poll'),
  line('Precision', powerOfTwo(9), 'precision', 'precision'),
  line('Root delay', shortSeconds, 'root delay', 'rootDelay'),
  line('Root dispersion', shortSeconds, 'root dispersion', 'rootDispersion'),
  {
    label: 'Reference ID',
    ofRecord(fields) {
      const cells = referenceCells(fields.number('reference ID'), fields.number('stratum'));
      return { text: `${cells[0]} (${cells[1]})`, cells };
    },
    ofData({ referenceId, stratum }) {
      const [hex, name] = referenceCells(referenceId, stratum);
      return `${hex} (${name})`;
    },
  },
  line('Reference time', time, 'reference time', 'refTime'),
  line('Offset', signedSeconds, 'offset', 'offset'),
  line('Peer delay', seconds, 'peer delay', 'peerDelay'),
  line('Peer dispersion', seconds, 'peer dispersion', 'peerDispersion'),
  line('Response time', seconds, 'response time', 'responseTime'),
  line('Jitter asymmetry', signedDecimals(2, ''), 'jitter asymmetry', 'jitterAsymmetry'),
  {
    label: 'NTP tests',
    ofRecord(fields) {
      const bits = fields.number('flags') & (2 ** TEST_BITS - 1);
      const cells = testGroups(bits.toString(2).padStart(TEST_BITS, '0'));
      return { text: cells.join(' '), cells };
    },
    ofData: ({ tests }) => testGroups(Object.values(tests).map(Number).join('')).join(' '),
  },
  line('Interleaved', flag(INTERLEAVED), 'flags', 'interleaved'),
  line('Authenticated', flag(AUTHENTICATED), 'flags', 'authenticated'),
  line('TX timestamping', timestamping, 'transmit timestamping', 'txTimestamping'),
  line('RX timestamping', timestamping, 'receive timestamping', 'rxTimestamping'),
  line('Total TX', optionalCount, 'transmitted messages', 'txCount'),
  line('Total RX', optionalCount, 'received messages', 'rxCount'),
  line('Total valid RX', optionalCount, 'received valid messages', 'validCount'),
  line('Total good RX', optionalCount, 'received good messages', 'goodCount'),
  line('Total kernel TX', optionalCount, 'kernel transmit timestamps', 'kernelTxCount'),
  line('Total kernel RX', optionalCount, 'kernel receive timestamps', 'kernelRxCount'),
  line('Total HW TX', optionalCount, 'hardware transmit timestamps', 'hardwareTxCount'),
  line('Total HW RX', optionalCount, 'hardware receive timestamps', 'hardwareRxCount'),
];
