/** The sources: a table, on a phone a list of cards. Roles are said, as the cards' layout makes browsers forget them. */
import { html, nothing, type TemplateResult } from 'lit-html';
import { repeat } from 'lit-html/directives/repeat.js';
import type { DataOf } from '../../reports/record.ts';
import type { Source } from '../../reports/sources.ts';
import type { Update } from '../../server/messages.ts';
import { ago, pollInterval, rough, signedSize, size } from '../format/quantity.ts';
import { reportOf } from '../report-data.ts';
import { type SourceRecords, sourceRecords } from '../source-records.ts';
import { modeWord, stateWords, why } from '../words/source.ts';
import { errorBar, scaleOf } from './error-bar.ts';
import { icon } from './icon.ts';
import { whyMissing } from './missing.ts';
import { reachView } from './reach.ts';
import { sourceDetails } from './source-details.ts';

const COLUMNS = ['Source', 'Stratum', 'Poll', 'Reach', 'Last sample', 'Offset ± error'];

export function sourcesView(update: Update): TemplateResult {
  const sources = reportOf(update, 'sources');
  return html`<h2 id="sources-heading">Sources</h2>
    ${sources ? tableView(sources, update) : html`<p class="note">${whyMissing(update, 'sources')}</p>`}`;
}

function tableView(sources: readonly DataOf<Source>[], update: Update): TemplateResult {
  if (sources.length === 0) {
    return html`<p class="note">
      There are none. Name some in chronyd's configuration: <code>server</code>, <code>pool</code>, <code>refclock</code>.
    </p>`;
  }
  const scale = scaleOf(sources);
  const measured = sources.some(({ lastSampleAgo }) => lastSampleAgo !== null);
  return html`${measured ? scaleView(scale) : nothing}
    <table class="sources" role="table" aria-labelledby="sources-heading">
      <thead role="rowgroup">
        <tr role="row">${COLUMNS.map((name) => html`<th role="columnheader" scope="col">${name}</th>`)}</tr>
      </thead>
      ${repeat(
        sourceRecords(sources, update),
        ({ key }) => key,
        (records) => sourceView(records, scale, update),
      )}
    </table>`;
}

function scaleView(scale: number): TemplateResult {
  return html`<p class="note">
    An offset above zero: this clock is ahead of the source. The bars reach from −${rough(scale)} to
    +${rough(scale)}; a triangle points at what is beyond.
  </p>`;
}

function sourceView(records: SourceRecords, scale: number, update: Update): TemplateResult {
  const { source, select } = records;
  const { mark, words, tone } = stateWords(source, select);
  return html`<tbody role="rowgroup" data-tone=${tone} data-address=${source.address}>
    <tr role="row">
      <th role="rowheader" scope="row">
        <span class="state">${icon(tone)}<span class="mark" title="as chronyc marks it">${mark}</span> ${words}</span>
        <span class="address">${source.address}</span>
        <span class="kind">${modeWord(source)}</span>
      </th>
      ${cell('Stratum', source.stratum)} ${cell('Poll', `${source.poll} (${pollInterval(source.poll)})`)}
      ${cell('Reach', reachView(source))} ${cell('Last sample', ago(source.lastSampleAgo))}
      ${cell('Offset ± error', offsetView(source, scale))}
    </tr>
    <tr role="row" class="more">
      <td role="cell" colspan=${COLUMNS.length}>${sourceDetails(records, why(source, select), update)}</td>
    </tr>
  </tbody>`;
}

function cell(label: string, content: unknown): TemplateResult {
  return html`<td role="cell"><span class="label" aria-hidden="true">${label}</span>${content}</td>`;
}

function offsetView(source: DataOf<Source>, scale: number): TemplateResult | string {
  if (source.lastSampleAgo === null) return 'not measured';
  return html`${errorBar(source, scale)}
    <span class="offset">
      ${signedSize(source.latestMeas)} <span class="error">± ${size(source.latestMeasErr)}</span>
    </span>`;
}
