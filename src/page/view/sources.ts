/**
 * The view of the sources: a table, or a list of cards on a phone. Roles are explicit, since browsers drop the roles of a
 * table that is laid out as cards.
 */
import { html, nothing, svg, type TemplateResult } from 'lit-html';
import { repeat } from 'lit-html/directives/repeat.js';
import { labelledValues } from '../../chronyc/format.ts';
import { NTPDATA, SOURCESTATS, STATE_MARKS } from '../../chronyc/lines.ts';
import { readableOffset, readableSignedOffset } from '../../chronyc/values.ts';
import type { ReportName } from '../../reports/index.ts';
import type { DataOf } from '../../reports/record.ts';
import type { Source } from '../../reports/sources.ts';
import type { Update } from '../../server/messages.ts';
import { authFields, type Labelled, sampleFields, selectFields } from '../fields.ts';
import { ago, pollInterval, rough } from '../format.ts';
import { answered, isNamed, modeText, nameOrAddress, reachText, stateText, why } from '../text/source.ts';
import { reportOf, type SourceRecords, sourceRecords } from '../update.ts';
import { icon } from './icon.ts';
import { fieldList, isMissing, whyMissing } from './reports.ts';

const COLUMNS = ['Source', 'Stratum', 'Poll', 'Reach', 'Last sample', 'Offset ± error'];

export function sourcesView(update: Update): TemplateResult {
  const sources = reportOf(update, 'sources');
  return html`<h2 id="sources-heading">Sources</h2>
    ${sources ? tableView(sources, update) : html`<p class="note">${whyMissing(update, 'sources')}</p>`}`;
}

function tableView(sources: readonly DataOf<Source>[], update: Update): TemplateResult {
  if (sources.length === 0) {
    return html`<p class="note">
      There are no sources. Add some to chronyd's configuration: <code>server</code>, <code>pool</code>, <code>refclock</code>.
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
    A positive offset means that this clock is ahead of the source. The bars span −${rough(scale)} to
    +${rough(scale)}; a triangle marks an offset beyond that.
  </p>`;
}

function sourceView(records: SourceRecords, scale: number, update: Update): TemplateResult {
  const { source, select } = records;
  const { text, tone } = stateText(source, select);
  return html`<tbody role="rowgroup" data-tone=${tone} data-address=${source.address}>
    <tr role="row">
      <th role="rowheader" scope="row">
        <span class="state">${icon(tone)}<span class="mark" title="chronyc's symbol">${STATE_MARKS[source.state]}</span> ${text}</span>
        <span class="address">${nameOrAddress(source)}</span>
        <span class="kind">${isNamed(source) ? html`<span class="beside">${source.address}</span>, ` : nothing}${modeText(source)}</span>
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
      ${readableSignedOffset(source.latestMeas)} <span class="error">± ${readableOffset(source.latestMeasErr)}</span>
    </span>`;
}

const POLLS = 8;

/** The last eight polls, the oldest first: a filled square for each answer. */
function reachView(source: DataOf<Source>): TemplateResult {
  const octal = source.reachability.toString(8);
  const squares = Array.from({ length: POLLS }, (_, i) => {
    const isAnswered = ((source.reachability >> (POLLS - 1 - i)) & 1) === 1;
    return svg`<rect class=${isAnswered ? 'answered' : 'missed'} x=${i * 9 + 1} y="1.5" width="7" height="11" rx="1" />`;
  });
  return html`<svg class="reach" viewBox="0 0 73 14" aria-hidden="true">${squares}</svg>
    <span class="reach-words"><span class="unseen">${reachText(source)}, octal </span><span aria-hidden="true">${answered(source)} of ${POLLS}</span> <span class="octal">${octal}</span></span>`;
}

const HALF = 60;
const HEIGHT = 16;
const MIDDLE = HEIGHT / 2;

/** The distance of the far end of a source's error bar from zero. */
function farEnd({ latestMeas, latestMeasErr }: DataOf<Source>): number {
  return Math.abs(latestMeas) + latestMeasErr;
}

/**
 * The distance of the scale's ends from zero, in seconds. It fits the sources that may be correct; other sources may be
 * beyond it.
 */
function scaleOf(sources: readonly DataOf<Source>[]): number {
  const measured = sources.filter(({ lastSampleAgo }) => lastSampleAgo !== null);
  const plausible = measured.filter(({ state }) => state !== 'falseticker' && state !== 'nonselectable');
  return Math.max(1e-9, ...(plausible.length > 0 ? plausible : measured).map(farEnd)) * 1.1;
}

/** A source's offset with its error, on the scale that all sources share. */
function errorBar(source: DataOf<Source>, scale: number): TemplateResult | typeof nothing {
  if (source.lastSampleAgo === null) return nothing;
  const at = (seconds: number): number => HALF + Math.min(Math.max(seconds / scale, -1), 1) * (HALF - 4);
  const { latestMeas, latestMeasErr } = source;
  const low = at(latestMeas - latestMeasErr);
  const high = at(latestMeas + latestMeasErr);
  const isBeyond = Math.abs(latestMeas) > scale;
  const tip = latestMeas > 0 ? 2 * HALF : 0;
  const base = latestMeas > 0 ? tip - 7 : 7;
  const mark = isBeyond
    ? svg`<path class="estimate" d=${`M${tip} ${MIDDLE}L${base} ${MIDDLE - 5}V${MIDDLE + 5}z`} />`
    : svg`<path class="error" d=${`M${low} ${MIDDLE}H${high}M${low} ${MIDDLE - 4}v8M${high} ${MIDDLE - 4}v8`} />
        <circle class="estimate" cx=${at(latestMeas)} cy=${MIDDLE} r="3.5" />`;
  return html`<svg class="error-bar" viewBox="0 0 ${2 * HALF} ${HEIGHT}" aria-hidden="true">
    ${svg`<path class="zero" d=${`M${HALF} 0V${HEIGHT}`} />`}${mark}
  </svg>`;
}

/** Why a source is followed or not; on demand, all fields of its reports. */
function sourceDetails(
  { source, stats, select, auth, ntp }: SourceRecords,
  why: string,
  update: Update,
): TemplateResult {
  const part = (
    title: string,
    name: ReportName,
    fields: readonly Labelled[] | undefined,
  ): TemplateResult => html`
    <section>
      <h3>${title} <code>${name}</code></h3>
      ${fields === undefined ? html`<p class="note">${whyNoFields(source, update, name)}</p>` : fieldList(fields)}
    </section>
  `;
  return html`<details>
    <summary class="why">
      <span>${why}</span> <span class="more-link">Details<span class="unseen"> of ${nameOrAddress(source)}</span></span>
    </summary>
    <div class="details">
      ${part('Last sample', 'sources', sampleFields(source))}
      ${part('Estimates', 'sourcestats', stats && labelledValues(Object.values(SOURCESTATS), stats))}
      ${part('Selection', 'selectdata', select && selectFields(select))}
      ${part('Authentication', 'authdata', auth && authFields(auth))}
      ${part('Last packet', 'ntpdata', ntp && labelledValues(NTPDATA, ntp))}
    </div>
  </details>`;
}

function whyNoFields({ mode }: DataOf<Source>, update: Update, name: ReportName): string {
  if (isMissing(update, name)) return 'Not available; the reason is given below, for all sources.';
  return mode === 'reference clock'
    ? 'Not available for reference clocks.'
    : 'chronyd has no data for this source.';
}
