/** The controls above the table: search, filters, groups, and the active filters. */
import { html, nothing, type TemplateResult } from 'lit-html';
import { live } from 'lit-html/directives/live.js';
import type { ClockState } from '../../fleet/row.ts';
import { icon } from '../view/icon.ts';
import { boundBinText, offsetBinText } from './bins.ts';
import { type Clock, type Counts, naturalKey, STATES } from './model.ts';
import { COLUMN_TITLES } from './rows.ts';
import { clocks, number, STATE_WORDS, toneOf } from './text.ts';
import { BY_REFERENCE, COLUMNS, isFiltered, type Label, unfiltered, type ViewState } from './view-state.ts';

/** Changes the view. */
export type Choose = (change: Partial<ViewState>) => void;

function toggled<T>(items: readonly T[], item: T): T[] {
  return items.includes(item) ? items.filter((each) => each !== item) : [...items, item];
}

/** The number of clocks in each state, as buttons that filter by it. */
export function statesView(counts: Readonly<Counts>, { states }: ViewState, choose: Choose): TemplateResult {
  const button = (state: ClockState): TemplateResult => html`<button
    type="button"
    class="state-filter"
    data-tone=${toneOf(state)}
    aria-pressed=${states.includes(state)}
    @click=${() => choose({ states: toggled(states, state) })}
  >${icon(toneOf(state))}<strong>${number(counts[state])}</strong> ${STATE_WORDS[state]}</button>`;
  return html`<div class="state-filters" role="group" aria-label="Show only clocks in a state">${STATES.map(button)}</div>`;
}

/** The number of clocks with each value of each label. */
export type Labels = ReadonlyMap<string, ReadonlyMap<string, number>>;

export function labelsOf(all: Iterable<Clock>): Labels {
  const labels = new Map<string, Map<string, number>>();
  for (const clock of all) {
    for (const [name, value] of Object.entries(clock.labels)) {
      let values = labels.get(name);
      if (values === undefined) {
        values = new Map();
        labels.set(name, values);
      }
      values.set(value, (values.get(value) ?? 0) + 1);
    }
  }
  return labels;
}

/** The maximum number of offered values of a label. Users find other values with the search. */
const MAX_VALUES = 100;

/** The values that most clocks have, sorted by name. */
function offeredValues(values: ReadonlyMap<string, number>): (readonly [value: string, count: number])[] {
  return [...values]
    .sort(([, a], [, b]) => b - a)
    .slice(0, MAX_VALUES)
    .sort(([a], [b]) => (naturalKey(a) < naturalKey(b) ? -1 : 1));
}

function labelSelect(labels: Labels, chosen: readonly Label[], choose: Choose): TemplateResult {
  const onChange = ({ target }: Event): void => {
    const select = target as HTMLSelectElement;
    const [, name, value] = /^([^=]+)=(.*)$/s.exec(select.value) ?? [];
    select.value = '';
    if (name === undefined || value === undefined) return;
    // a clock has one value of each label
    choose({ labels: [...chosen.filter(([each]) => each !== name), [name, value]] });
  };
  return html`<label class="control">Label
    <select @change=${onChange}>
      <option value="">Any</option>
      ${[...labels].map(
        ([name, values]) => html`<optgroup label=${name}>
          ${offeredValues(values).map(
            ([value, count]) =>
              html`<option value="${name}=${value}">${name}=${value} (${number(count)})</option>`,
          )}
        </optgroup>`,
      )}
    </select>
  </label>`;
}

function groupSelect(labels: Labels, { group }: ViewState, choose: Choose): TemplateResult {
  const names = new Set([...labels.keys(), ...(group === null || group === BY_REFERENCE ? [] : [group])]);
  const option = (value: string, text: string): TemplateResult =>
    html`<option value=${value} .selected=${live(value === (group ?? ''))}>${text}</option>`;
  return html`<label class="control">Group by
    <select @change=${({ target }: Event) => choose({ group: (target as HTMLSelectElement).value || null, closed: [] })}>
      ${option('', 'Nothing')} ${[...names].map((name) => option(name, `Label ${name}`))}
      ${option(BY_REFERENCE, 'What it follows')}
    </select>
  </label>`;
}

/** The sort control of screens without column titles. */
function sortSelect({ sort, isReversed }: ViewState, choose: Choose): TemplateResult {
  const title = (column: string): string =>
    column === 'worst' ? 'Worst first' : (COLUMN_TITLES.find((each) => each.column === column)?.title ?? '');
  return html`<label class="control sort">Sort by
      <select @change=${({ target }: Event) => choose({ sort: (target as HTMLSelectElement).value as ViewState['sort'], isReversed: false })}>
        ${COLUMNS.map((column) => html`<option value=${column} .selected=${live(column === sort)}>${title(column)}</option>`)}
      </select>
    </label>
    <button type="button" class="sort" aria-pressed=${isReversed} @click=${() => choose({ isReversed: !isReversed })}>Reverse</button>`;
}

/** @param labels - of all clocks */
export function controlsView(view: ViewState, labels: Labels, choose: Choose): TemplateResult {
  return html`<label class="control search">Search
      <input type="search" autocomplete="off" spellcheck="false" placeholder="Address, label, source or reason"
        .value=${live(view.search)} @input=${({ target }: Event) => choose({ search: (target as HTMLInputElement).value })}>
    </label>
    ${labels.size === 0 ? nothing : labelSelect(labels, view.labels, choose)}
    ${groupSelect(labels, view, choose)} ${sortSelect(view, choose)}`;
}

/** @param sourceName - the name of the source that the view is filtered by */
function chips(view: ViewState, sourceName: string, choose: Choose): TemplateResult[] {
  const { states, labels, follows, bound, offset } = view;
  const filters: (readonly [text: string, without: Partial<ViewState>])[] = [
    ...states.map((each) => [STATE_WORDS[each], { states: toggled(states, each) }] as const),
    ...labels.map((each) => [each.join('='), { labels: toggled(labels, each) }] as const),
    ...(follows === null ? [] : [[`Follows ${sourceName}`, { follows: null }] as const]),
    ...(bound === null ? [] : [[`Error bound: ${boundBinText(bound)}`, { bound: null }] as const]),
    ...(offset === null ? [] : [[`Offset: ${offsetBinText(offset)}`, { offset: null }] as const]),
  ];
  return filters.map(
    ([text, without]) => html`<button type="button" class="filter" @click=${() => choose(without)}>
      ${text} <span aria-hidden="true">×</span><span class="unseen">: remove this filter</span>
    </button>`,
  );
}

export interface Shown {
  /** The number of clocks in the table. */
  readonly count: number;
  readonly total: number;
  /** The number of rows that are out of place. */
  readonly outOfPlace: number;
}

/** The number of shown rows, and the reason for hidden ones. @param onSort - sorts the table again */
export function shownView(
  { count, total, outOfPlace }: Shown,
  view: ViewState,
  sourceName: string,
  choose: Choose,
  onSort: () => void,
): TemplateResult {
  const text = isFiltered(view) ? `${number(count)} of ${clocks(total)}` : clocks(total);
  return html`<span class="count">${text}</span>
    ${chips(view, sourceName, choose)}
    ${isFiltered(view) ? html`<button type="button" class="filter" @click=${() => choose(unfiltered(view))}>Show all</button>` : nothing}
    ${
      outOfPlace === 0
        ? nothing
        : html`<button type="button" class="again" @click=${onSort}>
          ${outOfPlace === 1 ? '1 row is' : `${number(outOfPlace)} rows are`} out of order: sort again
        </button>`
    }`;
}
