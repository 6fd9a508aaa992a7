/** The other reports, as chronyc prints them. */
import { html, nothing, type TemplateResult } from 'lit-html';
import type { ReportName } from '../../reports/index.ts';
import type { Update } from '../../server/messages.ts';
import type { Field } from '../fields/field.ts';
import { activityFields, rtcFields, serverFields, smoothingFields } from '../fields/of-server.ts';
import { trackingFields } from '../fields/tracking.ts';
import { reportOf } from '../report-data.ts';
import { fieldList } from './field-list.ts';
import { isMissing, whyMissing } from './missing.ts';

const UNAVAILABLE = html`<span class="unavailable">not available</span>`;

/** @param none - what it means that there is no such thing */
function reportView<T extends object>(
  update: Update,
  name: ReportName,
  title: string,
  data: T | null | undefined,
  fieldsOf: (data: T) => readonly Field[],
  none = '',
): TemplateResult {
  return html`<details>
    <summary>${title} <code>${name}</code> ${isMissing(update, name) ? UNAVAILABLE : nothing}</summary>
    <div class="details">
      ${data ? fieldList(fieldsOf(data)) : html`<p class="note">${data === null ? none : whyMissing(update, name)}</p>`}
    </div>
  </details>`;
}

export function reportsView(update: Update): TemplateResult {
  const of = <Name extends ReportName>(name: Name) => reportOf(update, name);
  return html`<h2 id="reports-heading">All that chronyd tells</h2>
    ${reportView(update, 'tracking', 'The clock', of('tracking'), trackingFields)}
    ${reportView(update, 'activity', 'The polling of sources', of('activity'), activityFields)}
    ${reportView(update, 'serverstats', 'What it has served', of('serverstats'), serverFields)}
    ${reportView(update, 'rtcdata', 'Hardware clock', of('rtcdata'), rtcFields, 'chronyd does not track it (rtcfile).')}
    ${reportView(update, 'smoothing', 'Smoothing of the served time', of('smoothing'), smoothingFields, 'chronyd does not smooth it (smoothtime).')}
    ${ofSourcesView(update)}`;
}

/** What is in the sources' details otherwise. */
const OF_SOURCES = {
  sourcestats: 'Estimates of each source',
  selectdata: 'Selection of each source',
  authdata: 'Authentication of each source',
  ntpdata: 'Last packet of each source',
} as const;

/** What is missing there, told once. */
function ofSourcesView(update: Update): TemplateResult[] {
  const names = Object.keys(OF_SOURCES) as (keyof typeof OF_SOURCES)[];
  return names
    .filter((name) => isMissing(update, name))
    .map((name) => reportView(update, name, OF_SOURCES[name], undefined, () => []));
}
