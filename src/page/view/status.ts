/** The views of the clock's status: header, status with its figures, footer, the browser's tab. */
import { html, nothing, type TemplateResult } from 'lit-html';
import { readableInterval } from '../../chronyc/values.ts';
import type { Update } from '../../server/messages.ts';
import { timeOfDay } from '../format.ts';
import { factsOf, type Link, linkText, type Status } from '../text/clock.ts';
import { capitalized } from '../text/source.ts';
import { icon } from './icon.ts';

export function headerView(update: Update | null, link: Link): TemplateResult {
  const text = linkText(link);
  const when =
    update === null
      ? nothing
      : html`, ${text === 'Live' ? html`as of ${timeOfDay(update.time)}` : html`last update ${readableInterval(link.silence)} ago`}`;
  return html`<h1>${update === null ? 'Clock' : html`Clock of <strong>${update.host}</strong>`}</h1>
    <p class="link" data-link=${text}><span class="dot" aria-hidden="true"></span>${text}${when}</p>`;
}

export function statusView(update: Update | null, status: Status): TemplateResult {
  const { tone, word, headline, meaning, sum, reasons } = status;
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
  return html`<ul class="reasons" aria-label="Problems">
    ${reasons.map((reason) => html`<li>${capitalized(reason)}</li>`)}
  </ul>`;
}

function factsView(update: Update): TemplateResult | typeof nothing {
  const facts = factsOf(update);
  if (facts.length === 0) return nothing;
  return html`<dl class="facts">
    ${facts.map(({ label, value, note }) => html`<div><dt>${label}</dt><dd>${value}</dd><dd class="note">${note}</dd></div>`)}
  </dl>`;
}

export function footerView(update: Update | null): TemplateResult | typeof nothing {
  if (update === null) return nothing;
  return html`<p>
    chronyd at <code>${update.chronyd}</code>, queried every ${update.interval} s by chrony-wasm ${update.version}.
    Times of day are in the time zone of this browser.
  </p>`;
}

/** The title of the browser's tab. */
export function tabText(update: Update | null, { word, short }: Status): string {
  return `${word}, ${short}${update === null ? '' : ` – ${update.host}`}`;
}
