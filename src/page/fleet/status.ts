/** The views of the fleet as a whole: header, headline, footer. */
import { html, nothing, type TemplateResult } from 'lit-html';
import { readableInterval } from '../../chronyc/values.ts';
import type { FleetClock } from '../../server/fleet/messages.ts';
import { timeOfDay } from '../format.ts';
import { type Link, linkText } from '../text/clock.ts';
import { icon } from '../view/icon.ts';
import { type Choose, statesView } from './controls.ts';
import type { FleetModel } from './model.ts';
import { type Headline, headlineOf, SILENT_INTERVALS, silentText, staleHeadline } from './text.ts';
import type { ViewState } from './view-state.ts';

/** @param time - by the server's clock, in seconds since the epoch */
export function headerView(clock: FleetClock | null, link: Link, time: number): TemplateResult {
  const text = linkText(link);
  const when =
    clock === null
      ? nothing
      : html`, ${text === 'Live' ? html`as of ${timeOfDay(time)}` : html`last update ${readableInterval(link.silence)} ago`}`;
  return html`<h1>${clock === null ? 'Fleet' : html`Fleet of <strong>${clock.host}</strong>`}</h1>
    <p class="link" data-link=${text}><span class="dot" aria-hidden="true"></span>${text}${when}</p>`;
}

export interface FleetStatus extends Headline {
  /** The consequence, or the reason why the data are stale. */
  readonly meaning: string;
}

/** @param time - by the server's clock, in seconds since the epoch */
export function statusOf(model: FleetModel, clock: FleetClock | null, link: Link, time: number): FleetStatus {
  const isKnown = clock !== null && (clock.targets === 0 || model.clocks.size > 0);
  const headline = headlineOf(model.counts, isKnown);
  if (clock === null) return { ...headline, meaning: 'The page keeps trying to reach the server.' };
  if (link.isLate) return staleHeadline(link.silence, link.isOpen, headline);
  const silent = model.silentSince(time - SILENT_INTERVALS * clock.interval);
  return { ...headline, meaning: silentText(silent, clock.interval) };
}

export function statusView(
  { tone, word, text, meaning }: FleetStatus,
  model: FleetModel,
  view: ViewState,
  choose: Choose,
): TemplateResult {
  return html`<div class="status" data-tone=${tone}>
      ${icon(tone)}
      <div>
        <p class="word">${word}</p>
        <h2 id="status-heading">${text}</h2>
        <p>${meaning}</p>
      </div>
    </div>
    ${statesView(model.counts, view, choose)}`;
}

export function footerView(clock: FleetClock | null): TemplateResult | typeof nothing {
  if (clock === null) return nothing;
  return html`<p>
    Clocks are queried every ${readableInterval(clock.interval)} by chrony-wasm ${clock.version} on ${clock.host}. An error
    bound refers to the time of the clock's last reply. Times of day are in the time zone of this browser.
  </p>`;
}
