/** What the reports `sources`, `sourcestats`, `selectdata` and `authdata` say of one source. */

import { fixed } from '../../chronyc/number.ts';
import { yesNo } from '../../chronyc/words.ts';
import type { AuthData } from '../../reports/authdata.ts';
import type { DataOf } from '../../reports/record.ts';
import type { SelectData } from '../../reports/selectdata.ts';
import type { Source } from '../../reports/sources.ts';
import type { SourceStats } from '../../reports/sourcestats.ts';
import { ago, duration, frequency, signedFrequency, signedSize, size } from '../format/quantity.ts';
import { optionWords } from '../words/source.ts';
import { capitalised, type Field, leapWords } from './field.ts';

export function measurementFields(source: DataOf<Source>): Field[] {
  if (source.lastSampleAgo === null) return [['Last sample', 'never']];
  return [
    ['Adjusted offset', signedSize(source.latestMeas)],
    ['Measured offset', signedSize(source.origLatestMeas)],
    ['Estimated error', `± ${size(source.latestMeasErr)}`],
    ['Last sample', ago(source.lastSampleAgo)],
  ];
}

export function statsFields(stats: DataOf<SourceStats>): Field[] {
  return [
    ['Samples', String(stats.samples)],
    ['Residual runs', String(stats.runs)],
    ['Span', duration(stats.span)],
    ['Frequency', signedFrequency(stats.residFreq)],
    ['Frequency skew', frequency(stats.skew)],
    ['Offset', `${signedSize(stats.offset)} ± ${size(stats.offsetErr)}`],
    ['Std deviation', size(stats.stdDev)],
  ];
}

export function selectFields(select: DataOf<SelectData>): Field[] {
  return [
    ['State', capitalised(select.state)],
    ['Options', optionWords(select) || 'none'],
    ['Score', fixed(select.score, 1)],
    ['Interval', `${signedSize(select.lowLimit)} to ${signedSize(select.highLimit)}`],
    ['Authenticated', yesNo(select.authenticated)],
    ['Leap status', leapWords(select.leapStatus)],
  ];
}

export function authFields(auth: DataOf<AuthData>): Field[] {
  if (auth.mode === 'none') return [['Mode', 'None: whoever is on the way can forge its time']];
  const key: Field[] = [
    ['Mode', capitalised(auth.mode)],
    [auth.mode === 'NTS' ? 'Key establishments' : 'Key ID', String(auth.keyId)],
    ['Key type', auth.keyType ?? 'no key'],
    ['Key length', `${auth.keyLength} bits`],
  ];
  if (auth.mode !== 'NTS') return key;
  return [
    ...key,
    ['Last establishment', ago(auth.lastKeAgo)],
    ['Attempts since', String(auth.keAttempts)],
    ['Refused (NAK)', yesNo(auth.nak)],
    ['Cookies', String(auth.cookies)],
    ['Cookie length', `${auth.cookieLength} bytes`],
  ];
}
