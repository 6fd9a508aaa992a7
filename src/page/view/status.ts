/** The answer: how the clock is, how sure, why. */
import { html, nothing, type TemplateResult } from 'lit-html';
import type { Update } from '../../server/messages.ts';
import { capitalised } from '../fields/field.ts';
import { factsOf } from '../words/facts.ts';
import type { Standing } from '../words/standing.ts';
import { icon } from './icon.ts';

export function statusView(update: Update | null, standing: Standing): TemplateResult {
  const { tone, word, headline, meaning, sum, reasons } = standing;
  return html`<div class="status" data-tone=${tone}>
      ${icon(tone)}
      <div>
        <p class="word">${word}</p>
        <h2 id="status-heading">${headline}</h2>
        <p>${meaning}</p>
        ${reasons.length === 0 ? nothing : reasonsView(reasons)}
        ${sum === '' ? nothing : html`<p class="sum">${sum}</p>`}
      </div>
    </div>
    ${update === null ? nothing : factsView(update)}`;
}

function reasonsView(reasons: readonly string[]): TemplateResult {
  return html`<ul class="reasons" aria-label="What is wrong">
    ${reasons.map((reason) => html`<li>${capitalised(reason)}</li>`)}
  </ul>`;
}

function factsView(update: Update): TemplateResult | typeof nothing {
  const facts = factsOf(update);
  if (facts.length === 0) return nothing;
  return html`<dl class="facts">
    ${facts.map(({ label, value, note }) => html`<div><dt>${label}</dt><dd>${value}</dd><dd class="note">${note}</dd></div>`)}
  </dl>`;
}
