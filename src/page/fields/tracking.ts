/** The report `tracking`. */

import { fixed, signed } from '../../chronyc/number.ts';
import { referenceHex, referenceText } from '../../chronyc/words.ts';
import type { DataOf } from '../../reports/record.ts';
import type { TrackingStatus } from '../../reports/tracking.ts';
import { utc } from '../format/moment.ts';
import { seconds, signedSeconds } from '../format/quantity.ts';
import { type Field, leapWords } from './field.ts';

export function trackingFields(tracking: DataOf<TrackingStatus>): Field[] {
  const { referenceId, referenceIp, offset, frequency } = tracking;
  return [
    ['Reference ID', `${referenceHex(referenceId)} (${referenceIp ?? referenceText(referenceId)})`],
    ['Stratum', String(tracking.stratum)],
    ['Ref time (UTC)', utc(tracking.refTime)],
    ['System time', `${seconds(Math.abs(offset))} ${offset > 0 ? 'slow' : 'fast'} of NTP time`],
    ['Last offset', signedSeconds(tracking.lastOffset)],
    ['RMS offset', seconds(tracking.rmsOffset)],
    ['Frequency', `${fixed(Math.abs(frequency), 3)} ppm ${frequency > 0 ? 'fast' : 'slow'}`],
    ['Residual freq', `${signed(tracking.residualFreq, 3)} ppm`],
    ['Skew', `${fixed(tracking.skew, 3)} ppm`],
    ['Root delay', seconds(tracking.rootDelay)],
    ['Root dispersion', seconds(tracking.rootDispersion)],
    ['Update interval', seconds(tracking.updateInterval, 1)],
    ['Leap status', leapWords(tracking.leapStatus)],
  ];
}
