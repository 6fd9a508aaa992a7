/** The view state in the URL fragment of the page. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { STATES } from '../../../../src/page/fleet/model.ts';
import {
  COLUMNS,
  fragmentOf,
  isFiltered,
  NO_CHOICE,
  readFragment,
  unfiltered,
  type ViewState,
} from '../../../../src/page/fleet/view-state.ts';

const name = fc.stringMatching(/^[a-zA-Z_]\w{0,8}$/);
const bin = fc.option(fc.integer({ min: -11, max: 21 }));
const views: fc.Arbitrary<ViewState> = fc.record({
  search: fc.string(),
  states: fc.subarray([...STATES]),
  labels: fc.array(fc.tuple(name, fc.string())),
  follows: fc.option(fc.string()),
  bound: bin,
  offset: bin,
  sort: fc.constantFrom(...COLUMNS),
  isReversed: fc.boolean(),
  group: fc.option(name),
  closed: fc.array(fc.string()),
});

it('the fragment is read back unchanged', () => {
  fc.assert(
    fc.property(views, (view) => {
      expect(readFragment(fragmentOf(view))).toEqual(view);
    }),
  );
});

it('the fragment is empty for the default view', () => {
  expect(fragmentOf(NO_CHOICE)).toBe('');
  expect(readFragment('')).toEqual(NO_CHOICE);
});

it('the fragment is short and readable', () => {
  const view = { ...NO_CHOICE, search: 'db', states: ['critical'], sort: 'bound', isReversed: true } as const;
  expect(fragmentOf({ ...view, labels: [['site', 'ams']] })).toBe(
    '#q=db&state=critical&label=site%3Dams&sort=-bound',
  );
});

it.each([
  '#sort=size',
  '#state=fine',
  '#bound=much',
  '#label=site',
  '#%',
  '#clocks',
  '#sort=-',
  '#offset=1e3',
  '#group=',
])('ignores the invalid fragment %s', (fragment) => {
  expect(readFragment(fragment)).toEqual(NO_CHOICE);
});

it('a view counts as filtered if it leaves out clocks', () => {
  expect(isFiltered({ ...NO_CHOICE, sort: 'bound', group: 'site', search: ' ' })).toBe(false);
  for (const filter of [
    { search: 'a' },
    { states: ['ok'] },
    { labels: [['a', 'b']] },
    { follows: 'a' },
    { bound: 0 },
    { offset: 0 },
  ] as const) {
    const view = { ...NO_CHOICE, ...filter, group: 'site' };
    expect(isFiltered(view)).toBe(true);
    expect(unfiltered(view)).toEqual({ ...NO_CHOICE, group: 'site' });
  }
});
