/** What is around the page's sections: header, footer, the browser's tab. */
import { html, nothing, type TemplateResult } from 'lit-html';
import type { Update } from '../../server/messages.ts';
import { timeOfDay } from '../format/moment.ts';
import { duration } from '../format/quantity.ts';
import { type Link, linkWords } from '../words/connection.ts';
import type { Standing } from '../words/standing.ts';
import { iconUrl } from './icon.ts';

export function headerView(update: Update | null, link: Link): TemplateResult {
  const words = linkWords(link);
  const when =
    update === null
      ? nothing
      : html`, ${words === 'Live' ? html`as of ${timeOfDay(update.time)}` : html`last update ${duration(link.silence)} ago`}`;
  return html`<h1>${update === null ? 'Clock' : html`Clock of <strong>${update.host}</strong>`}</h1>
    <p class="link" data-link=${words}><span class="dot" aria-hidden="true"></span>${words}${when}</p>`;
}

export function footerView(update: Update | null): TemplateResult | typeof nothing {
  if (update === null) return nothing;
  return html`<p>
    chronyd at <code>${update.chronyd}</code>, asked every ${update.interval} s by chrony-wasm ${update.version}.
    Times of day are those of this browser.
  </p>`;
}

const SIGNS = { ok: '✓', warning: '⚠', critical: '✕', unknown: '?', neutral: '' } as const;

export function showInTab(update: Update | null, { tone, word, short }: Standing): void {
  const title = `${SIGNS[tone]} ${word}, ${short}${update === null ? '' : ` – ${update.host}`}`;
  if (document.title !== title) document.title = title;
  const link = document.querySelector<HTMLLinkElement>('link[rel=icon]');
  const url = iconUrl(tone);
  if (link !== null && link.href !== url) link.href = url;
}
