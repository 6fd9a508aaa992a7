/** All that chronyd says of a source, on demand. */
import { html, type TemplateResult } from 'lit-html';
import type { ReportName } from '../../index.ts';
import type { DataOf } from '../../reports/record.ts';
import type { SelectData } from '../../reports/selectdata.ts';
import type { Source } from '../../reports/sources.ts';
import type { Update } from '../../server/messages.ts';
import type { Field } from '../fields/field.ts';
import { ntpFields } from '../fields/ntpdata.ts';
import { authFields, measurementFields, selectFields, statsFields } from '../fields/of-source.ts';
import { reportOf } from '../report-data.ts';
import { fieldList } from './field-list.ts';

export function sourceDetails(
  source: DataOf<Source>,
  select: DataOf<SelectData> | undefined,
  update: Update,
): TemplateResult {
  const ofThis = <T extends { readonly address: string }>(
    records: readonly T[] | null | undefined,
  ): T | undefined => records?.find(({ address }) => address === source.address);
  const stats = ofThis(reportOf(update, 'sourcestats'));
  const auth = ofThis(reportOf(update, 'authdata'));
  const ntp = reportOf(update, 'ntpdata')?.find(({ remoteAddress }) => remoteAddress === source.address);
  const part = (
    title: string,
    name: ReportName,
    fields: readonly Field[] | undefined,
  ): TemplateResult => html`
    <section>
      <h3>${title} <code>${name}</code></h3>
      ${fields === undefined ? missing(update, name, source) : fieldList(fields)}
    </section>
  `;
  return html`<details>
    <summary>Details<span class="unseen"> of ${source.address}</span></summary>
    <div class="details">
      ${part('Measurement', 'sources', measurementFields(source))}
      ${part('Estimates', 'sourcestats', stats && statsFields(stats))}
      ${part('Selection', 'selectdata', select && selectFields(select))}
      ${part('Authentication', 'authdata', auth && authFields(auth))}
      ${part('Last packet', 'ntpdata', ntp && ntpFields(ntp))}
    </div>
  </details>`;
}

function missing({ failures }: Update, name: ReportName, { mode }: DataOf<Source>): TemplateResult {
  const message =
    failures[name]?.message ??
    (mode === 'reference clock' ? 'Not for reference clocks.' : 'Nothing of this source.');
  return html`<p class="note">${message}</p>`;
}
