/** Words and names that several reports print. */

import type { Mark } from '../styled.ts';
import { referenceText } from '../words.ts';
import type { Fields } from './fields.ts';

const LEAP: Readonly<Record<string, string>> = {
  normal: 'Normal',
  'insert second': 'Insert second',
  'delete second': 'Delete second',
  'not synchronized': 'Not synchronised',
};

export function leapStatus(fields: Fields): string {
  return LEAP[fields.text('leap status')] ?? 'Invalid';
}

/** A leap second to come is nothing bad, but worth knowing. */
export function leapMarks(fields: Fields): readonly Mark[] {
  const status = fields.text('leap status');
  if (status === 'normal') return [];
  return [{ text: leapStatus(fields), tone: status === 'not synchronized' ? 'bad' : 'warning' }];
}

/** What chronyc calls an address that is none. */
export const NO_ADDRESS = '[UNSPEC]';

/** The source that a record is of: an NTP server's address, or a reference clock's name. */
export function sourceName(fields: Fields): string {
  const address = fields.has('address') ? fields.text('address') : '';
  if (address !== '') return address;
  return fields.has('reference ID') ? referenceText(fields.number('reference ID')) : NO_ADDRESS;
}
