/**
 * The rows of the table: the clocks that pass the filters of the view, sorted and grouped. The order stays the same while
 * clocks change, until the list is sorted again: rows must not move while a user reads them.
 */
import { Clock, type Counts, naturalKey, noCounts, STATES, worstOf } from './model.ts';
import { BY_REFERENCE, type Column, type ViewState } from './view-state.ts';

/** The clocks of a group, which have the same value of the grouping property. */
export class Group {
  /** Null for the clocks without a value. */
  readonly value: string | null;
  readonly clocks: Clock[] = [];
  readonly isOpen: boolean;

  constructor(value: string | null, isOpen: boolean) {
    this.value = value;
    this.isOpen = isOpen;
  }

  counts(): Counts {
    const counts = noCounts();
    for (const { state, isGone } of this.clocks) if (!isGone) counts[state]++;
    return counts;
  }
}

export type Item = Group | Clock;

type Compare<T> = (a: T, b: T) => number;

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The default order of each column, in which values that deserve attention come first. Unknown values are null. */
const VALUES: {
  readonly [C in Exclude<Column, 'target'>]: {
    readonly value: (clock: Clock) => number | string | null;
    /** True if the greatest value is first. */
    readonly isDescending: boolean;
  };
} = {
  worst: { value: ({ badness }) => badness, isDescending: true },
  bound: { value: ({ maxError }) => maxError, isDescending: true },
  offset: { value: ({ offset }) => (offset === null ? null : Math.abs(offset)), isDescending: true },
  stratum: { value: ({ stratum }) => stratum, isDescending: true },
  follows: { value: ({ reference }) => reference && naturalKey(reference), isDescending: false },
  heard: { value: ({ heard }) => heard, isDescending: false },
  reason: { value: ({ reasons }) => reasons[0] ?? null, isDescending: false },
};

/** True if a column is sorted from the greatest value to the least. */
export function isDescending(column: Column, isReversed: boolean): boolean {
  return (column === 'target' ? false : VALUES[column].isDescending) !== isReversed;
}

/** Clocks with an unknown value come last in either direction. */
function comparatorOf({ sort, isReversed }: ViewState): Compare<Clock> {
  const byName: Compare<Clock> = (a, b) => compareText(a.nameKey, b.nameKey);
  const sign = isDescending(sort, isReversed) ? -1 : 1;
  if (sort === 'target') return (a, b) => sign * byName(a, b);
  const { value } = VALUES[sort];
  return (a, b) => {
    const [left, right] = [value(a), value(b)];
    if (left === right) return byName(a, b);
    if (left === null) return 1;
    if (right === null) return -1;
    return left < right ? -sign : sign;
  };
}

/** @param followers - the targets that follow the source that the view is filtered by; null while they are not known */
export function matcherOf(view: ViewState, followers: ReadonlySet<string> | null): (clock: Clock) => boolean {
  const words = view.search.toLowerCase().split(/\s+/).filter(Boolean);
  const { states, labels, follows, bound, offset } = view;
  return (clock) =>
    (states.length === 0 || states.includes(clock.state)) &&
    (bound === null || clock.boundBin === bound) &&
    (offset === null || clock.offsetBin === offset) &&
    labels.every(([name, value]) => clock.labels[name] === value) &&
    (follows === null || (followers?.has(clock.address) ?? false)) &&
    words.every((word) => clock.text.includes(word));
}

function groupValue(clock: Clock, group: string): string | null {
  return (group === BY_REFERENCE ? clock.reference : clock.labels[group]) ?? null;
}

/** Sorts groups by their worst state, then by the number of clocks in that state. */
function compareGroups(a: Group, b: Group): number {
  const [left, right] = [a.counts(), b.counts()];
  const rank = (counts: Counts): number => STATES.indexOf(worstOf(counts) ?? 'ok');
  const worst = worstOf(left) ?? 'ok';
  return (
    rank(left) - rank(right) ||
    (worst === 'ok' ? 0 : right[worst] - left[worst]) ||
    compareGroupNames(a.value, b.value)
  );
}

/** Groups are sorted by state only, because they have no other columns. */
function groupComparatorOf({ sort, isReversed }: ViewState): Compare<Group> {
  return sort === 'worst' && isReversed ? (a, b) => compareGroups(b, a) : compareGroups;
}

function compareGroupNames(a: string | null, b: string | null): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return compareText(naturalKey(a), naturalKey(b));
}

/** The number of items that stand before an item that they should follow. */
function descents<T>(items: readonly T[], compare: Compare<T>): number {
  let count = 0;
  for (let i = 1; i < items.length; i++) {
    const [before, after] = [items[i - 1], items[i]];
    if (before !== undefined && after !== undefined && compare(before, after) > 0) count++;
  }
  return count;
}

export class ClockList {
  #items: Item[] = [];
  #groups: Group[] = [];
  #view: ViewState | null = null;
  #compare: Compare<Clock> = () => 0;
  #matches: (clock: Clock) => boolean = () => true;
  /** The clocks in the sorted list. */
  #listed = new Set<Clock>();
  /** Clocks that are listed although the filters exclude them, or are not listed although the filters include them. */
  readonly #strays = new Set<Clock>();

  /** The rows from top to bottom; a closed group's clocks are left out. */
  get items(): readonly Item[] {
    return this.#items;
  }

  /** The number of clocks that pass the filters, including those in closed groups. */
  get count(): number {
    return this.#listed.size;
  }

  /** Sorts the list again. */
  order(clocks: Iterable<Clock>, view: ViewState, followers: ReadonlySet<string> | null): void {
    this.#view = view;
    this.#compare = comparatorOf(view);
    this.#matches = matcherOf(view, followers);
    this.#strays.clear();
    const listed = [...clocks].filter(this.#matches).sort(this.#compare);
    this.#listed = new Set(listed);
    const { group } = view;
    this.#groups = group === null ? [] : groupsOf(listed, group, view);
    this.#items =
      group === null
        ? listed
        : this.#groups.flatMap((each): Item[] => (each.isOpen ? [each, ...each.clocks] : [each]));
  }

  /** Applies other followers to the filters without changing the order. */
  rematch(clocks: Iterable<Clock>, view: ViewState, followers: ReadonlySet<string> | null): void {
    this.#matches = matcherOf(view, followers);
    this.note(clocks);
  }

  /** Records clocks that were added, removed or changed. They stay in place. */
  note(changed: Iterable<Clock>): void {
    for (const clock of changed) {
      const belongs = !clock.isGone && this.#matches(clock);
      if (belongs === this.#listed.has(clock)) this.#strays.delete(clock);
      else this.#strays.add(clock);
    }
  }

  /**
   * Returns the number of rows that sorting again would move, add or remove. It is zero only if nothing would
   * change.
   */
  outOfPlace(): number {
    const view = this.#view;
    const group = view?.group ?? null;
    if (view === null || group === null)
      return this.#strays.size + descents(this.#items as Clock[], this.#compare);
    let count = this.#strays.size + descents(this.#groups, groupComparatorOf(view));
    for (const { value, clocks } of this.#groups) {
      count += descents(clocks, this.#compare);
      for (const clock of clocks) if (groupValue(clock, group) !== value) count++;
    }
    return count;
  }

  /** The index of a clock or group, by its key; -1 if it has no row. */
  indexOf(key: string): number {
    return this.#items.findIndex((item) => keyOf(item) === key);
  }
}

/** The key of a clock or group. Sorting again does not change it. */
export function keyOf(item: Item): string {
  return item instanceof Clock ? `clock ${item.address}` : `group ${item.value ?? ''}`;
}

function groupsOf(clocks: readonly Clock[], by: string, view: ViewState): Group[] {
  const groups = new Map<string | null, Group>();
  for (const clock of clocks) {
    const value = groupValue(clock, by);
    let group = groups.get(value);
    if (group === undefined) {
      group = new Group(value, !view.closed.includes(value ?? ''));
      groups.set(value, group);
    }
    group.clocks.push(clock);
  }
  return [...groups.values()].sort(groupComparatorOf(view));
}
