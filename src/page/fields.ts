/** The fields of a source with labels of the page: chronyc prints them in columns. */
import { LEAP_STATUS } from '../chronyc/format.ts';
import { fixed, readableOffset, readableSignedOffset, yesNo } from '../chronyc/values.ts';
import type { AuthData } from '../reports/authdata.ts';
import type { DataOf } from '../reports/record.ts';
import type { SelectData } from '../reports/selectdata.ts';
import type { Source } from '../reports/sources.ts';
import { ago } from './format.ts';
import { capitalized, optionText } from './text/source.ts';

/** A label, and the text of a value. */
export type Labelled = readonly [label: string, value: string];

/** The last sample of a source. */
export function sampleFields(source: DataOf<Source>): Labelled[] {
  if (source.lastSampleAgo === null) return [['Last sample', 'never']];
  return [
    ['Adjusted offset', readableSignedOffset(source.latestMeas)],
    ['Measured offset', readableSignedOffset(source.origLatestMeas)],
    ['Estimated error', `± ${readableOffset(source.latestMeasErr)}`],
    ['Last sample', ago(source.lastSampleAgo)],
  ];
}

export function selectFields(select: DataOf<SelectData>): Labelled[] {
  return [
    ['State', capitalized(select.state)],
    ['Options', optionText(select) || 'none'],
    ['Score', fixed(select.score, 1)],
    ['Interval', `${readableSignedOffset(select.lowLimit)} to ${readableSignedOffset(select.highLimit)}`],
    ['Authenticated', yesNo(select.authenticated)],
    ['Leap status', LEAP_STATUS[select.leapStatus]],
  ];
}

export function authFields(auth: DataOf<AuthData>): Labelled[] {
  if (auth.mode === 'none') return [['Mode', 'None: its time can be forged on the network']];
  const key: Labelled[] = [
    ['Mode', capitalized(auth.mode)],
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
