/**
 * Differences in how an older chronyc prints the same data. Our output follows the newest chronyc. The
 * differences were observed with 4.0, 4.3, 4.6.1 and 4.9; output without a listed difference is compared unchanged.
 */
import { isSince } from './chronyc.ts';

export interface Difference {
  /** The observed difference. */
  readonly what: string;
  /** The first version with the difference. */
  readonly from: string;
  /** The first later version without it. */
  readonly until: string;
  /** A command whose output shows the difference. */
  readonly example: readonly string[];
  /** Converts the newest version's text to the older version's; equal parts stay unchanged. */
  older(text: string, csv: boolean): string;
}

const LEGEND_4_0 = String.raw`  .-- State: N - noselect, M - missing samples, d/D - large distance,
 /           ~ - jittery, w/W - waits for others, T - not trusted,
|            x - falseticker, P - not preferred, U - waits for update,
|            S - stale, O - orphan, + - combined, * - best.
|        Effective options ------.  (N - noselect, P - prefer
|       Configured options -.     \  T - trust, R - require)
`;

export const DIFFERENCES: readonly Difference[] = [
  {
    what: 'the legend of selectdata has no state r, and two commas after U',
    from: '4.3',
    until: '4.9',
    example: ['selectdata', '-v'],
    older: (text) =>
      text
        .replace('M - missing samples, r - stratum\n', 'M - missing samples,\n')
        .replace('U - waits for update, x', 'U - waits for update,, x'),
  },
  {
    what: 'the legend of selectdata has no state s, and a different order and different line breaks',
    from: '4.0',
    until: '4.3',
    example: ['selectdata', '-v'],
    older: (text) => text.replace(/^ {2}\. State:(.*\n){4}.*Effective.*\n.*Configured.*\n/, LEGEND_4_0),
  },
  {
    what: 'ntpdata does not show the count of good packets, its last line and column',
    from: '4.0',
    until: '4.3',
    example: ['ntpdata'],
    older: (text, csv) =>
      csv ? text.replaceAll(/,[^,\n]*$/gm, '') : text.replaceAll(/^Total good RX .*\n/gm, ''),
  },
];

/** The differences between a chronyc version and the newest. */
export function differencesOf(version: string): Difference[] {
  return DIFFERENCES.filter(({ from, until }) => isSince(version, from) && !isSince(version, until));
}

/** Converts the output of the newest chronyc, which is also ours, to the output of another chronyc version. */
export function asPrintedBy(
  version: string,
  args: readonly string[],
  newest: string,
  differences: readonly Difference[] = differencesOf(version),
): string {
  return differences
    .filter(({ example: [report = ''] }) => args.includes(report))
    .reduce((text, { older }) => older(text, args.includes('-c')), newest);
}
