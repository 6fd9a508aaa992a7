/** Offsets of sources with their errors, on a scale that they have in common. */
import { html, nothing, svg, type TemplateResult } from 'lit-html';
import type { DataOf } from '../../reports/record.ts';
import type { Source } from '../../reports/sources.ts';

const HALF = 60;
const HEIGHT = 16;
const MIDDLE = HEIGHT / 2;

function reaches({ latestMeas, latestMeasErr }: DataOf<Source>): number {
  return Math.abs(latestMeas) + latestMeasErr;
}

/**
 * How far from zero the scale goes, in seconds: to show those that may be right, and whatever else is not so far off
 * that these would be too small to see.
 */
export function scaleOf(sources: readonly DataOf<Source>[]): number {
  const measured = sources.filter(({ lastSampleAgo }) => lastSampleAgo !== null);
  const right = measured.filter(({ state }) => state !== 'falseticker' && state !== 'nonselectable');
  return Math.max(1e-9, ...(right.length > 0 ? right : measured).map(reaches)) * 1.1;
}

export function errorBar(source: DataOf<Source>, scale: number): TemplateResult | typeof nothing {
  if (source.lastSampleAgo === null) return nothing;
  const at = (seconds: number): number => HALF + Math.min(Math.max(seconds / scale, -1), 1) * (HALF - 4);
  const { latestMeas, latestMeasErr } = source;
  const low = at(latestMeas - latestMeasErr);
  const high = at(latestMeas + latestMeasErr);
  const isBeyond = Math.abs(latestMeas) > scale;
  const tip = latestMeas > 0 ? 2 * HALF : 0;
  const base = latestMeas > 0 ? tip - 7 : 7;
  const mark = isBeyond
    ? svg`<path class="estimate" d=${`M${tip} ${MIDDLE}L${base} ${MIDDLE - 5}V${MIDDLE + 5}z`} />`
    : svg`<path class="error" d=${`M${low} ${MIDDLE}H${high}M${low} ${MIDDLE - 4}v8M${high} ${MIDDLE - 4}v8`} />
        <circle class="estimate" cx=${at(latestMeas)} cy=${MIDDLE} r="3.5" />`;
  return html`<svg class="error-bar" viewBox="0 0 ${2 * HALF} ${HEIGHT}" aria-hidden="true">
    ${svg`<path class="zero" d=${`M${HALF} 0V${HEIGHT}`} />`}${mark}
  </svg>`;
}
