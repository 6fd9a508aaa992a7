/** Why a source is or is not followed; on demand all that chronyd says of it. */
import { html, type TemplateResult } from 'lit-html';
import type { ReportName } from '../../reports/index.ts';
import type { DataOf } from '../../reports/record.ts';
import type { Source } from '../../reports/sources.ts';
import type { Update } from '../../server/messages.ts';
import type { Field } from '../fields/field.ts';
import { ntpFields } from '../fields/ntpdata.ts';
import { authFields, measurementFields, selectFields, statsFields } from '../fields/of-source.ts';
import type { SourceRecords } from '../source-records.ts';
import { fieldList } from './field-list.ts';
import { isMissing } from './missing.ts';

export function sourceDetails(
  { source, stats, select, auth, ntp }: SourceRecords,
  why: string,
  update: Update,
): TemplateResult {
  const part = (
    title: string,
    name: ReportName,
    fields: readonly Field[] | undefined,
  ): TemplateResult => html`
    <section>
      <h3>${title} <code>${name}</code></h3>
      ${fields === undefined ? html`<p class="note">${whyNothing(source, update, name)}</p>` : fieldList(fields)}
    </section>
  `;
  return html`<details>
    <summary class="why">
      <span>${why}</span> <span class="more-link">Details<span class="unseen"> of ${source.address}</span></span>
    </summary>
    <div class="details">
      ${part('Last sample', 'sources', measurementFields(source))}
      ${part('Estimates', 'sourcestats', stats && statsFields(stats))}
      ${part('Selection', 'selectdata', select && selectFields(select))}
      ${part('Authentication', 'authdata', auth && authFields(auth))}
      ${part('Last packet', 'ntpdata', ntp && ntpFields(ntp))}
    </div>
  </details>`;
}

function whyNothing({ mode }: DataOf<Source>, update: Update, name: ReportName): string {
  if (isMissing(update, name)) return 'Not available: why is said below, once for all sources.';
  return mode === 'reference clock' ? 'A reference clock has none.' : 'chronyd has nothing of this source.';
}
