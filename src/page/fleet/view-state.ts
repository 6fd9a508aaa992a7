/** The view that the user has chosen. It is stored in the fragment of the page's URL, so that it can be shared. */
import type { ClockState } from '../../fleet/row.ts';
import type { Bin } from './bins.ts';
import { STATES } from './model.ts';

/** The sort keys of the table. `worst` is the state, then the magnitude of the error bound. */
export const COLUMNS = [
  'worst',
  'target',
  'bound',
  'offset',
  'stratum',
  'follows',
  'heard',
  'reason',
] as const;
export type Column = (typeof COLUMNS)[number];

/** The value that groups clocks by the source that they follow. No label can have this name. */
export const BY_REFERENCE = '@follows';

/** A label's name and value. */
export type Label = readonly [name: string, value: string];

export interface ViewState {
  readonly search: string;
  /** The shown states; empty for all states. */
  readonly states: readonly ClockState[];
  /** The labels that a clock must have, all of them. */
  readonly labels: readonly Label[];
  /** The address of a source, to show only its followers. */
  readonly follows: string | null;
  readonly bound: Bin | null;
  readonly offset: Bin | null;
  readonly sort: Column;
  /** True to reverse the column's default order. */
  readonly isReversed: boolean;
  /** The name of a label, or {@link BY_REFERENCE}; null for no groups. */
  readonly group: string | null;
  /** The groups that are closed, by their values. */
  readonly closed: readonly string[];
}

export const NO_CHOICE: ViewState = {
  search: '',
  states: [],
  labels: [],
  follows: null,
  bound: null,
  offset: null,
  sort: 'worst',
  isReversed: false,
  group: null,
  closed: [],
};

/** True if some clocks are left out. */
export function isFiltered({ search, states, labels, follows, bound, offset }: ViewState): boolean {
  return (
    search.trim() !== '' ||
    states.length > 0 ||
    labels.length > 0 ||
    follows !== null ||
    bound !== null ||
    offset !== null
  );
}

/** The view without its filters. */
export function unfiltered(view: ViewState): ViewState {
  const { search, states, labels, follows, bound, offset } = NO_CHOICE;
  return { ...view, search, states, labels, follows, bound, offset };
}

function isColumn(text: string): text is Column {
  return (COLUMNS as readonly string[]).includes(text);
}

function binOf(text: string | null): Bin | null {
  return text !== null && /^-?\d{1,2}$/.test(text) ? Number(text) : null;
}

/** Reads a fragment. It ignores unknown and invalid parts: a user may have edited the URL. */
export function readFragment(fragment: string): ViewState {
  const parameters = new URLSearchParams(fragment.replace(/^#/, ''));
  const sort = parameters.get('sort') ?? '';
  const column = sort.replace(/^-/, '');
  const states = (parameters.get('state') ?? '').split(',');
  return {
    search: parameters.get('q') ?? '',
    states: STATES.filter((state) => states.includes(state)),
    labels: parameters.getAll('label').flatMap((text): Label[] => {
      const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
      return name === undefined || value === undefined ? [] : [[name, value]];
    }),
    follows: parameters.get('follows'),
    bound: binOf(parameters.get('bound')),
    offset: binOf(parameters.get('offset')),
    sort: isColumn(column) ? column : 'worst',
    isReversed: isColumn(column) && sort.startsWith('-'),
    group: parameters.get('group') || null,
    closed: parameters.getAll('closed'),
  };
}

/** Writes a fragment, with its `#`; empty for the default view. */
export function fragmentOf(view: ViewState): string {
  const parameters = new URLSearchParams();
  if (view.search !== '') parameters.set('q', view.search);
  if (view.states.length > 0) parameters.set('state', view.states.join(','));
  for (const label of view.labels) parameters.append('label', label.join('='));
  if (view.follows !== null) parameters.set('follows', view.follows);
  if (view.bound !== null) parameters.set('bound', String(view.bound));
  if (view.offset !== null) parameters.set('offset', String(view.offset));
  if (view.sort !== 'worst' || view.isReversed) {
    parameters.set('sort', `${view.isReversed ? '-' : ''}${view.sort}`);
  }
  if (view.group !== null) parameters.set('group', view.group);
  for (const value of view.closed) parameters.append('closed', value);
  const text = parameters.toString();
  return text === '' ? '' : `#${text}`;
}
