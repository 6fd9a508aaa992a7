/** The report `ntpdata`: a block of lines for each source. */

import { fixed } from '../number.ts';
import { csvTime, utcTime } from '../time.ts';
import { referenceHex, referenceText, yesNo } from '../words.ts';
import { addressReference } from './address.ts';
import type { Fields } from './fields.ts';
import { leapMarks, leapStatus, NO_ADDRESS } from './names.ts';
import { labelled, type ReportFormat } from './report-format.ts';

const MODES: Readonly<Record<number, string>> = {
  1: 'Symmetric active',
  2: 'Symmetric passive',
  4: 'Server',
};
const TIMESTAMPING: Readonly<Record<string, string>> = { D: 'Daemon', K: 'Kernel', H: 'Hardware' };

const INTERLEAVED = 0x4000;
const AUTHENTICATED = 0x8000;

/** What comes last; the timestamps are counted by newer servers only. */
const COUNTS = [
  ['transmitted messages', 'Total TX'],
  ['received messages', 'Total RX'],
  ['received valid messages', 'Total valid RX'],
  ['received good messages', 'Total good RX'],
  ['kernel transmit timestamps', 'Total kernel TX'],
  ['kernel receive timestamps', 'Total kernel RX'],
  ['hardware transmit timestamps', 'Total HW TX'],
  ['hardware receive timestamps', 'Total HW RX'],
] as const;

/** A power of two in seconds; beyond these limits chronyc's own is cut off. */
function powerOfTwo(exponent: number, decimals: number): string {
  return fixed(2 ** Math.min(Math.max(exponent, -31), 31), decimals);
}

/** What a source without a clock of its own follows has no name: the ID is an address or a hash. */
function referenceName(fields: Fields): string {
  return fields.number('stratum') <= 1 ? referenceText(fields.number('reference ID')) : '';
}

function address(fields: Fields, field: string): readonly [address: string, id: string] {
  const text = fields.text(field);
  return [text || NO_ADDRESS, addressReference(text)];
}

/** Tests 1 to 3, 5 to 7 and A to D: 1 is passed. */
function tests(fields: Fields): readonly string[] {
  const bits = (fields.number('flags') & 0x3ff).toString(2).padStart(10, '0');
  return [bits.slice(0, 3), bits.slice(3, 6), bits.slice(6)];
}

/** The values that text and CSV print alike. */
function shared(fields: Fields) {
  const flags = fields.number('flags');
  const seconds = (field: string): string => fields.fixed(field, 9);
  const timestamping = (field: string): string =>
    TIMESTAMPING[String.fromCharCode(fields.number(field))] ?? 'Invalid';
  return {
    remote: address(fields, 'remote address'),
    local: address(fields, 'local address'),
    mode: MODES[fields.number('mode')] ?? 'Invalid',
    interval: powerOfTwo(fields.number('poll'), 0),
    precision: powerOfTwo(fields.number('precision'), 9),
    rootDelay: fields.fixed('root delay', 6),
    rootDispersion: fields.fixed('root dispersion', 6),
    referenceId: referenceHex(fields.number('reference ID')),
    peerDelay: seconds('peer delay'),
    peerDispersion: seconds('peer dispersion'),
    responseTime: seconds('response time'),
    interleaved: yesNo((flags & INTERLEAVED) !== 0),
    authenticated: yesNo((flags & AUTHENTICATED) !== 0),
    transmit: timestamping('transmit timestamping'),
    receive: timestamping('receive timestamping'),
    counts: COUNTS.filter(([field]) => fields.has(field)).map(
      ([field, label]) => [label, fields.integer(field)] as const,
    ),
  };
}

export const ntpdata: ReportFormat = {
  separator: '\n',

  text(fields) {
    const values = shared(fields);
    const withId = ([text, id]: readonly [string, string]): string => `${text} (${id})`;
    return labelled(16, [
      ['Remote address', withId(values.remote)],
      ['Remote port', fields.integer('remote port')],
      ['Local address', withId(values.local)],
      ['Leap status', leapStatus(fields)],
      ['Version', fields.integer('version')],
      ['Mode', values.mode],
      ['Stratum', fields.integer('stratum')],
      ['Poll interval', `${fields.integer('poll')} (${values.interval} seconds)`],
      ['Precision', `${fields.integer('precision')} (${values.precision} seconds)`],
      ['Root delay', `${values.rootDelay} seconds`],
      ['Root dispersion', `${values.rootDispersion} seconds`],
      ['Reference ID', `${values.referenceId} (${referenceName(fields)})`],
      ['Reference time', utcTime(fields.time('reference time'))],
      ['Offset', `${fields.signed('offset', 9)} seconds`],
      ['Peer delay', `${values.peerDelay} seconds`],
      ['Peer dispersion', `${values.peerDispersion} seconds`],
      ['Response time', `${values.responseTime} seconds`],
      ['Jitter asymmetry', fields.signed('jitter asymmetry', 2)],
      ['NTP tests', tests(fields).join(' ')],
      ['Interleaved', values.interleaved],
      ['Authenticated', values.authenticated],
      ['TX timestamping', values.transmit],
      ['RX timestamping', values.receive],
      ...values.counts,
    ]);
  },

  offset: (fields) => fields.number('offset'),
  marks: leapMarks,

  cells(fields) {
    const values = shared(fields);
    const [remote, remoteId] = values.remote;
    return [
      remote,
      remoteId,
      fields.integer('remote port'),
      ...values.local,
      leapStatus(fields),
      fields.integer('version'),
      values.mode,
      fields.integer('stratum'),
      fields.integer('poll'),
      values.interval,
      fields.integer('precision'),
      values.precision,
      values.rootDelay,
      values.rootDispersion,
      values.referenceId,
      referenceName(fields),
      csvTime(fields.time('reference time')),
      fields.fixed('offset', 9),
      values.peerDelay,
      values.peerDispersion,
      values.responseTime,
      fields.fixed('jitter asymmetry', 2),
      ...tests(fields),
      values.interleaved,
      values.authenticated,
      values.transmit,
      values.receive,
      ...values.counts.map(([, count]) => count),
    ];
  },
};
