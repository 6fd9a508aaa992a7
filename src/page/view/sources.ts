/** The sources: a table, on a phone a list of cards. Roles are said, as the cards' layout makes browsers forget them. */
import { html, nothing, type TemplateResult } from 'lit-html';
import { repeat } from 'lit-html/directives/repeat.js';
import type { DataOf } from '../../reports/record.ts';
import type { Source } from '../../reports/sources.ts';
import type { Update } from '../../server/messages.ts';
import { ago, signedSize, size } from '../format/quantity.ts';
import { reportOf } from '../report-data.ts';
import { modeWord, stateWords, why } from '../words/source.ts';
import { errorBar, scaleOf } from './error-bar.ts';
import { icon } from './icon.ts';
import { reachView } from './reach.ts';
import { sourceDetails } from './source-details.ts';

const HEADING = html`<h2 id="sources-heading">Sources</h2>`;
const COLUMNS = ['Source', 'Stratum', 'Poll', 'Reach', 'Last sample', 'Offset ± error'];

export function sourcesView(update: Update | null): TemplateResult | typeof nothing {
  if (update === null) return nothing;
  const sources = reportOf(update, 'sources');
  if (!sources) {
    return html`${HEADING}<p class="note">${update.failures.sources?.message ?? 'chronyd did not tell them.'}</p>`;
  }
  if (sources.length === 0) {
    return html`${HEADING}<p class="note">None. Add some to chronyd's configuration: <code>server</code>, <code>pool</code> or <code>refclock</code>.</p>`;
  }
  const scale = scaleOf(sources);
  return html`${HEADING}
    <p class="note">
      The offset is positive if this clock is ahead of the source. The bars go from −${size(scale)} to +${size(scale)};
      an arrow points at what is beyond.
    </p>
    <table class="sources" role="table" aria-labelledby="sources-heading">
      <thead role="rowgroup">
        <tr role="row">${COLUMNS.map((name) => html`<th role="columnheader" scope="col">${name}</th>`)}</tr>
      </thead>
      ${repeat(
        sources,
        ({ address }) => address,
        (source) => sourceView(source, scale, update),
      )}
    </table>`;
}

function sourceView(source: DataOf<Source>, scale: number, update: Update): TemplateResult {
  const { mark, words, tone } = stateWords(source);
  const select = reportOf(update, 'selectdata')?.find(({ address }) => address === source.address);
  return html`<tbody role="rowgroup" data-tone=${tone} data-address=${source.address}>
    <tr role="row">
      <th role="rowheader" scope="row">
        <span class="state">${icon(tone)}<span class="mark" title="as chronyc marks it">${mark}</span> ${words}</span>
        <span class="address">${source.address}</span>
        <span class="kind">${modeWord(source)}</span>
      </th>
      ${cell('Stratum', source.stratum)}
      ${cell('Poll', html`<span title="2 to the power of ${source.poll} seconds">${pollInterval(source)}</span>`)}
      ${cell('Reach', reachView(source))}
      ${cell('Last sample', ago(source.lastSampleAgo))}
      ${cell('Offset ± error', offsetView(source, scale))}
    </tr>
    <tr role="row" class="more">
      <td role="cell" colspan=${COLUMNS.length}>
        <p>${why(source, select)}</p>
        ${sourceDetails(source, select, update)}
      </td>
    </tr>
  </tbody>`;
}

function cell(label: string, content: unknown): TemplateResult {
  return html`<td role="cell"><span class="label" aria-hidden="true">${label}</span><span>${content}</span></td>`;
}

function pollInterval({ poll }: DataOf<Source>): string {
  return `${poll} (${size(2 ** poll).replace('.0 ', ' ')})`;
}

function offsetView(source: DataOf<Source>, scale: number): TemplateResult | string {
  if (source.lastSampleAgo === null) return 'not measured';
  return html`${errorBar(source, scale)}
    <span class="offset">${signedSize(source.latestMeas)} <span class="error">± ${size(source.latestMeasErr)}</span></span>`;
}
