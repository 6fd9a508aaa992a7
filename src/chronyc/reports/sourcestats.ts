/** The report `sourcestats`. */

import { interval, offset, ppm, signedOffset, signedPpm } from '../units.ts';
import { sourceName } from './names.ts';
import { type ReportFormat, tableHeading } from './report-format.ts';

const LEGEND = String.raw`                             .- Number of sample points in measurement set.
                            /    .- Number of residual runs with same sign.
                           |    /    .- Length of measurement set (time).
                           |   |    /      .- Est. clock freq error (ppm).
                           |   |   |      /           .- Est. error in freq.
                           |   |   |     |           /         .- Est. offset.
                           |   |   |     |          |          |   On the -.
                           |   |   |     |          |          |   samples. \
                           |   |   |     |          |          |             |
`;

export const sourcestats: ReportFormat = {
  legend: LEGEND,
  heading: tableHeading('Name/IP Address            NP  NR  Span  Frequency  Freq Skew  Offset  Std Dev', 78),

  text(fields) {
    const name = sourceName(fields).padEnd(25);
    const samples = fields.integer('samples').padStart(3);
    const runs = fields.integer('runs').padStart(3);
    const span = interval(fields.number('span'));
    const frequency = signedPpm(fields.number('residual frequency'));
    const skew = ppm(fields.number('skew'));
    const estimate = signedOffset(fields.number('offset'));
    const deviation = offset(fields.number('standard deviation'));
    return `${name} ${samples} ${runs}  ${span} ${frequency} ${skew}  ${estimate}  ${deviation}\n`;
  },

  offset: (fields) => (fields.number('samples') === 0 ? null : fields.number('offset')),

  cells: (fields) => [
    sourceName(fields),
    fields.integer('samples'),
    fields.integer('runs'),
    fields.integer('span'),
    fields.fixed('residual frequency', 3),
    fields.fixed('skew', 3),
    fields.fixed('offset', 9),
    fields.fixed('standard deviation', 9),
  ],
};
