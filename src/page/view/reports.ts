/** The other reports, as chronyc prints them. */
import { html, nothing, type TemplateResult } from 'lit-html';
import type { ReportName } from '../../index.ts';
import type { Update } from '../../server/messages.ts';
import type { Field } from '../fields/field.ts';
import { activityFields, rtcFields, serverFields, smoothingFields } from '../fields/of-server.ts';
import { trackingFields } from '../fields/tracking.ts';
import { reportOf } from '../report-data.ts';
import { fieldList } from './field-list.ts';

export function reportsView(update: Update | null): TemplateResult | typeof nothing {
  if (update === null) return nothing;
  const show = <Name extends ReportName>(
    name: Name,
    title: string,
    fieldsOf: (data: NonNullable<ReturnType<typeof reportOf<Name>>>) => readonly Field[],
    none = '',
  ): TemplateResult => {
    const data = reportOf(update, name);
    const failure = update.failures[name];
    return html`<details>
      <summary>${title} <code>${name}</code>${failure === undefined ? nothing : html` <span class="refused">not available</span>`}</summary>
      <div class="details">${data ? fieldList(fieldsOf(data)) : html`<p class="note">${failure?.message ?? none}</p>`}</div>
    </details>`;
  };
  return html`<h2 id="reports-heading">All that chronyd tells</h2>
    ${show('tracking', 'The clock', trackingFields)}
    ${show('activity', 'Polling', activityFields)}
    ${show('serverstats', 'What it serves', serverFields)}
    ${show('rtcdata', 'Hardware clock', rtcFields, 'chronyd does not track the hardware clock (rtcfile, rtcsync excludes it).')}
    ${show('smoothing', 'Smoothing of the served time', smoothingFields, 'chronyd does not smooth the time that it serves (smoothtime).')}
    ${missingView(update)}`;
}

/** Those of all sources are in the sources' details otherwise. */
const OF_SOURCES = ['sourcestats', 'selectdata', 'authdata', 'ntpdata'] as const;

function missingView({ failures }: Update): TemplateResult | typeof nothing {
  const missing = OF_SOURCES.filter((name) => failures[name] !== undefined);
  if (missing.length === 0) return nothing;
  return html`<details>
    <summary>Missing from the sources' details <code>${missing.join(', ')}</code> <span class="refused">not available</span></summary>
    <div class="details">
      <ul class="reasons">
        ${missing.map((name) => html`<li><code>${name}</code>: ${failures[name]?.message}</li>`)}
      </ul>
    </div>
  </details>`;
}
