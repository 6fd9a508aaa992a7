/** What a check prints, as the Monitoring Plugins guidelines lay it down. */
import type { Health, HealthState } from '../../health/judgement.ts';
import type { Thresholds } from '../../health/thresholds.ts';
import { performanceData } from './performance.ts';
import { details, summary } from './words.ts';

/** The exit status that tells each state. */
export const STATUS = { ok: 0, warning: 1, critical: 2, unknown: 3 } as const satisfies Record<
  HealthState,
  number
>;

/** On one line, and without what separates text and performance data. */
function plain(text: string): string {
  return text.replaceAll(/\s*\p{Cc}\s*/gu, ' - ').replaceAll('|', '/');
}

/** `CHRONY OK: text` */
export function statusLine(state: HealthState, text: string): string {
  return `CHRONY ${state.toUpperCase()}: ${plain(text)}`;
}

/** The status line with its performance data; below it, if that is asked for, each figure in words. */
export function checkOutput(
  { state, reasons, figures }: Health,
  thresholds: Thresholds,
  verbose: boolean,
): string {
  if (figures === null) return `${statusLine(state, reasons.join('; '))}\n`;
  const text = reasons.length > 0 ? reasons.join('; ') : summary(figures);
  const lines = [
    `${statusLine(state, text)} | ${performanceData(figures, thresholds)}`,
    ...(verbose ? details(figures, thresholds).map(plain) : []),
  ];
  return `${lines.join('\n')}\n`;
}
