/** The answer: how the clock is, how sure, why. */
import { html, nothing, type TemplateResult } from 'lit-html';
import type { Update } from '../../server/messages.ts';
import { capitalised, leapWords } from '../fields/field.ts';
import { ago, frequency, size } from '../format/quantity.ts';
import { reportOf } from '../report-data.ts';
import type { Standing } from '../words/standing.ts';
import { icon } from './icon.ts';

export function statusView(
  update: Update | null,
  { tone, word, headline, meaning }: Standing,
): TemplateResult {
  const reasons = update?.health.reasons ?? [];
  return html`<div class="status" data-tone=${tone}>
      ${icon(tone)}
      <div>
        <p class="word">${word}</p>
        <h2 id="status-heading">${headline}</h2>
        <p>${meaning}</p>
        ${reasons.length === 0 ? nothing : reasonsView(reasons)}
      </div>
    </div>
    ${update === null ? nothing : factsView(update)}`;
}

function reasonsView(reasons: readonly string[]): TemplateResult {
  return html`<h3 class="reasons-heading">What was found</h3>
    <ul class="reasons">
      ${reasons.map((reason) => html`<li>${capitalised(reason)}</li>`)}
    </ul>`;
}

type Fact = readonly [label: string, value: string, note: string];

function factsView(update: Update): TemplateResult | typeof nothing {
  const facts = factsOf(update);
  if (facts.length === 0) return nothing;
  return html`<dl class="facts">
    ${facts.map(
      ([label, value, note]) =>
        html`<div><dt>${label}</dt><dd>${value}</dd><dd class="note">${note}</dd></div>`,
    )}
  </dl>`;
}

function factsOf(update: Update): Fact[] {
  const { figures } = update.health;
  const tracking = reportOf(update, 'tracking');
  if (figures === null || !tracking) return [];
  const { offset, rootDelay, rootDispersion, frequency: rate, leapStatus, refTime, stratum } = tracking;
  const bad = figures.falsetickers;
  const sources: Fact = [
    'Sources',
    `${figures.reachableSources} of ${figures.sources}`,
    bad === 0
      ? 'are answering'
      : `are answering, ${bad} ${bad === 1 ? 'is a falseticker' : 'are falsetickers'}`,
  ];
  const leap: Fact = ['Leap second', leapWords(leapStatus), leapNote(leapStatus)];
  const drift: Fact = [
    'Frequency',
    frequency(Math.abs(rate)),
    `${rate > 0 ? 'fast' : 'slow'}, corrected; ± ${frequency(tracking.skew)} (skew)`,
  ];
  if (figures.maxError === null) return [sources, drift, leap];
  return [
    ['Offset', size(offset), offset > 0 ? 'slow, being corrected' : 'fast, being corrected'],
    ['Root dispersion', size(rootDispersion), 'the error that may have grown on the way'],
    ['Root delay', size(rootDelay), 'to the reference clock and back; half of it counts'],
    drift,
    [
      'Stratum',
      String(stratum),
      stratum === 1 ? 'follows a reference clock itself' : `${stratum} hops to a reference clock`,
    ],
    sources,
    ['Last measured', ago(Math.max(0, Math.floor(update.time - refTime))), 'when the clock was last updated'],
    leap,
  ];
}

function leapNote(leapStatus: string): string {
  if (leapStatus === 'normal') return 'none is pending';
  return leapStatus === 'not synchronized' ? 'nobody tells' : 'at the end of the day (UTC)';
}
