/** The report `authdata`, of records that were given the address of their source. */

import { interval } from '../units.ts';
import type { Fields } from './fields.ts';
import { sourceName } from './names.ts';
import { type ReportFormat, tableHeading } from './report-format.ts';

const LEGEND = `                             .- Auth. mechanism (NTS, SK - symmetric key)
                            |   Key length -.  Cookie length (bytes) -.
                            |       (bits)  |  Num. of cookies --.    |
                            |               |  Key est. attempts  |   |
                            |               |           |         |   |
`;

/** The modes by their number. */
const MODES = ['-', 'SK', 'NTS'];

function mode(fields: Fields): string {
  return MODES[fields.number('mode')] ?? '?';
}

export const authdata: ReportFormat = {
  legend: LEGEND,
  heading: tableHeading('Name/IP address             Mode KeyID Type KLen Last Atmp  NAK Cook CLen', 73),

  text(fields) {
    const column = (field: string, width: number): string => fields.integer(field).padStart(width);
    const source = `${sourceName(fields).padEnd(27)} ${mode(fields).padStart(4)}`;
    const key = `${column('key ID', 5)} ${column('key type', 4)} ${column('key length', 4)}`;
    const last = interval(fields.number('last key establishment ago'));
    const exchange = `${last} ${column('key establishment attempts', 4)} ${column('NAK', 4)}`;
    return `${source} ${key} ${exchange} ${column('cookies', 4)} ${column('cookie length', 4)}\n`;
  },

  cells: (fields) => [
    sourceName(fields),
    mode(fields),
    fields.integer('key ID'),
    fields.integer('key type'),
    fields.integer('key length'),
    fields.integer('last key establishment ago'),
    fields.integer('key establishment attempts'),
    fields.integer('NAK'),
    fields.integer('cookies'),
    fields.integer('cookie length'),
  ],
};
