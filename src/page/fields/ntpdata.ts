/** The report `ntpdata`. */

import { signed } from '../../chronyc/number.ts';
import { referenceHex, referenceText, yesNo } from '../../chronyc/words.ts';
import type { NtpData } from '../../reports/ntpdata.ts';
import type { DataOf } from '../../reports/record.ts';
import { utc } from '../format/moment.ts';
import { seconds, signedSeconds } from '../format/quantity.ts';
import { capitalised, type Field, known, leapWords } from './field.ts';

const MODES = {
  'active symmetric': 'Symmetric active',
  'passive symmetric': 'Symmetric passive',
  server: 'Server',
} as const;

function power(exponent: number, decimals: number): string {
  return `${exponent} (${seconds(2 ** exponent, decimals)})`;
}

/** Tests 1 to 3, 5 to 7 and A to D: 1 is passed. */
function tests(data: DataOf<NtpData>): string {
  const bits = Object.values(data.tests).map(Number).join('');
  return `${bits.slice(0, 3)} ${bits.slice(3, 6)} ${bits.slice(6)}`;
}

export function ntpFields(data: DataOf<NtpData>): Field[] {
  const name = data.stratum <= 1 ? referenceText(data.referenceId) : '';
  return [
    ['Remote address', data.remoteAddress || 'none'],
    ['Remote port', String(data.remotePort)],
    ['Local address', data.localAddress ?? 'none'],
    ['Leap status', leapWords(data.leapStatus)],
    ['Version', String(data.version)],
    ['Mode', data.mode === null ? 'none yet' : MODES[data.mode]],
    ['Stratum', String(data.stratum)],
    ['Poll interval', power(data.poll, 0)],
    ['Precision', power(data.precision, 9)],
    ['Root delay', seconds(data.rootDelay, 6)],
    ['Root dispersion', seconds(data.rootDispersion, 6)],
    ['Reference ID', `${referenceHex(data.referenceId)} (${name})`],
    ['Reference time', utc(data.refTime)],
    ['Offset', signedSeconds(data.offset)],
    ['Peer delay', seconds(data.peerDelay)],
    ['Peer dispersion', seconds(data.peerDispersion)],
    ['Response time', seconds(data.responseTime)],
    ['Jitter asymmetry', signed(data.jitterAsymmetry, 2)],
    ['NTP tests', tests(data)],
    ['Interleaved', yesNo(data.interleaved)],
    ['Authenticated', yesNo(data.authenticated)],
    ['TX timestamping', capitalised(data.txTimestamping ?? 'none yet')],
    ['RX timestamping', capitalised(data.rxTimestamping ?? 'none yet')],
    ...known([
      ['Total TX', data.txCount],
      ['Total RX', data.rxCount],
      ['Total valid RX', data.validCount],
      ['Total good RX', data.goodCount],
      ['Total kernel TX', data.kernelTxCount],
      ['Total kernel RX', data.kernelRxCount],
      ['Total HW TX', data.hardwareTxCount],
      ['Total HW RX', data.hardwareRxCount],
    ]),
  ];
}
