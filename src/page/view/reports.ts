/** The views of the reports, with chronyc's labels. */
import { html, nothing, type TemplateResult } from 'lit-html';
import { type Line, labelledValues } from '../../chronyc/format.ts';
import { ACTIVITY, RTCDATA, SERVERSTATS, SMOOTHING, TRACKING } from '../../chronyc/lines.ts';
import { readableSignedOffset, readableTime } from '../../chronyc/values.ts';
import type { ReportName } from '../../reports/index.ts';
import type { ManualSample } from '../../reports/manual-list.ts';
import type { DataOf } from '../../reports/record.ts';
import type { Update } from '../../server/messages.ts';
import type { Labelled } from '../fields.ts';
import { capitalized } from '../text/source.ts';
import { reportOf } from '../update.ts';

export function fieldList(fields: readonly Labelled[]): TemplateResult {
  return html`<dl class="fields">
    ${fields.map(([label, value]) => html`<div><dt>${label}</dt><dd>${value}</dd></div>`)}
  </dl>`;
}

/** Why a report is missing. */
export function whyMissing({ failures }: Update, name: ReportName): string {
  return capitalized(
    failures[name]?.message ?? `the server does not request it; add ${name} to its --reports`,
  );
}

export function isMissing({ reports }: Update, name: ReportName): boolean {
  return !(name in reports);
}

const UNAVAILABLE = html`<span class="unavailable">not available</span>`;

/** @param none - the text for a report that is null */
function reportView<T extends object>(
  update: Update,
  name: ReportName,
  title: string,
  data: T | null | undefined,
  lines: readonly Line<T>[],
  none = '',
): TemplateResult {
  return html`<details>
    <summary>${title} <code>${name}</code> ${isMissing(update, name) ? UNAVAILABLE : nothing}</summary>
    <div class="details">
      ${data ? fieldList(labelledValues(lines, data)) : html`<p class="note">${data === null ? none : whyMissing(update, name)}</p>`}
    </div>
  </details>`;
}

/** @param manualSamples - empty if chronyd has no manual list */
export function reportsView(update: Update, manualSamples: readonly DataOf<ManualSample>[]): TemplateResult {
  const of = <Name extends ReportName>(name: Name) => reportOf(update, name);
  return html`<h2 id="reports-heading">All reports of chronyd</h2>
    ${reportView(update, 'tracking', 'The clock', of('tracking'), TRACKING)}
    ${reportView(update, 'activity', 'The polling of sources', of('activity'), ACTIVITY)}
    ${reportView(update, 'serverstats', 'Served requests', of('serverstats'), SERVERSTATS)}
    ${reportView(update, 'rtcdata', 'Real-time clock (RTC)', of('rtcdata'), RTCDATA, 'chronyd does not track the real-time clock (rtcfile).')}
    ${reportView(update, 'smoothing', 'Smoothing of the served time', of('smoothing'), SMOOTHING, 'Smoothing is not enabled (smoothtime).')}
    ${manualSamples.length === 0 ? nothing : manualListView(manualSamples)}
    ${ofSourcesView(update)}`;
}

function manualListView(samples: readonly DataOf<ManualSample>[]): TemplateResult {
  return html`<details>
    <summary>Times entered manually <code>manual list</code></summary>
    <div class="details">
      <p class="note">A positive offset means that the clock was ahead of the entered time.</p>
      ${samples.map((sample) => fieldList(manualFields(sample)))}
    </div>
  </details>`;
}

function manualFields({ time, slewedOffset, originalOffset, residual }: DataOf<ManualSample>): Labelled[] {
  return [
    ['Time (UTC)', readableTime(time)],
    ['Offset when it was set', readableSignedOffset(originalOffset)],
    ['Offset after corrections since', readableSignedOffset(slewedOffset)],
    ['Residual', readableSignedOffset(residual)],
  ];
}

/** The reports in the details of the sources. */
const OF_SOURCES = {
  sourcestats: 'Estimates of each source',
  selectdata: 'Selection of each source',
  authdata: 'Authentication of each source',
  ntpdata: 'Last packet of each source',
} as const;

/** The missing reports of {@link OF_SOURCES}: each reason is shown once. */
function ofSourcesView(update: Update): TemplateResult[] {
  const names = Object.keys(OF_SOURCES) as (keyof typeof OF_SOURCES)[];
  return names
    .filter((name) => isMissing(update, name))
    .map((name) => reportView(update, name, OF_SOURCES[name], undefined, []));
}
