/** The rows of the table: a clock's cells, and a group's. */
import { html, nothing, type TemplateResult } from 'lit-html';
import { icon } from '../view/icon.ts';
import type { Group, Item } from './list.ts';
import { Clock, STATES, worstOf } from './model.ts';
import { boundText, clocks, heardText, number, offsetText, reasonText, STATE_WORDS, toneOf } from './text.ts';
import { BY_REFERENCE, type Column } from './view-state.ts';

/** A column of the table: its class, title and sort key. */
interface ColumnTitle {
  readonly name: string;
  readonly title: string;
  /** Null for a column that cannot be sorted. */
  readonly column: Column | null;
}

export const COLUMN_TITLES: readonly ColumnTitle[] = [
  { name: 'state', title: 'State', column: 'worst' },
  { name: 'target', title: 'Target', column: 'target' },
  { name: 'labels', title: 'Labels', column: null },
  { name: 'bound', title: 'Error bound', column: 'bound' },
  { name: 'offset', title: 'Offset', column: 'offset' },
  { name: 'stratum', title: 'Stratum', column: 'stratum' },
  { name: 'follows', title: 'Follows', column: 'follows' },
  { name: 'heard', title: 'Last heard', column: 'heard' },
  { name: 'reason', title: 'Reason', column: 'reason' },
];

/** The page of a clock, relative to this one. */
export function clockPage(address: string): string {
  return `clock/${encodeURIComponent(address)}/`;
}

export function rowId(item: Item): string {
  return item instanceof Clock ? `clock-${item.id}` : `group-${encodeURIComponent(item.value ?? '')}`;
}

/** A cell. It includes the column's title for screens without column titles. */
function cell(name: string, label: string, text: string): TemplateResult {
  return html`<span role="gridcell" class=${name}><span class="label">${label} </span>${text}</span>`;
}

/** A cell whose text may be too long. Its tooltip shows the whole text. */
function longCell(name: string, label: string, text: string): TemplateResult {
  return html`<span role="gridcell" class=${name} title=${text}><span class="label">${label} </span>${text}</span>`;
}

/** @param now - by the server's clock, in seconds since the epoch */
export function clockCells(clock: Clock, now: number): TemplateResult {
  const { state, address, labels, stratum, reference } = clock;
  const tone = toneOf(state);
  return html`<span role="gridcell" class="state" data-tone=${tone}>${icon(tone)}${STATE_WORDS[state]}</span>
    <span role="rowheader" class="target"><a href=${clockPage(address)} tabindex="-1" title=${address}>${address}</a></span>
    <span role="gridcell" class="labels">${Object.entries(labels).map(
      ([name, value]) => html`<span class="chip" title="${name}=${value}">${name}=${value}</span> `,
    )}</span>
    ${cell('bound', 'Error bound', boundText(clock))}
    ${cell('offset', 'Offset', offsetText(clock))}
    ${cell('stratum', 'Stratum', stratum === null ? '–' : String(stratum))}
    ${longCell('follows', 'Follows', reference ?? 'nothing')}
    ${cell('heard', 'Last heard', heardText(clock, now))}
    ${longCell('reason', '', reasonText(clock))}`;
}

/** The title of a group. */
export function groupTitle(value: string | null, by: string): string {
  if (by === BY_REFERENCE) return value === null ? 'Follows nothing' : `Follows ${value}`;
  return value === null ? `No label ${by}` : `${by}=${value}`;
}

export function groupCells(group: Group, by: string): TemplateResult {
  const counts = group.counts();
  const worst = worstOf(counts) ?? 'ok';
  const tone = toneOf(worst);
  const total = STATES.reduce((sum, state) => sum + counts[state], 0);
  const others = STATES.filter((state) => state !== worst && counts[state] > 0);
  return html`<span role="gridcell" class="group-state" aria-colspan=${COLUMN_TITLES.length}>
    <span class="arrow" aria-hidden="true">${group.isOpen ? '▾' : '▸'}</span>
    <span class="state" data-tone=${tone}>${icon(tone)}${STATE_WORDS[worst]}</span>
    <strong>${groupTitle(group.value, by)}</strong>
    <span class="counts">${clocks(total)}:
      ${[worst, ...others].map(
        (state, i) =>
          html`${i === 0 ? nothing : ', '}${number(counts[state])} ${STATE_WORDS[state].toLowerCase()}`,
      )}</span>
  </span>`;
}
