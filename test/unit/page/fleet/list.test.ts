/** The rows of the table, their order, and their stability. */
import { describe, expect, it } from 'vitest';
import { ClockList, Group, isDescending, keyOf } from '../../../../src/page/fleet/list.ts';
import type { FleetModel } from '../../../../src/page/fleet/model.ts';
import { BY_REFERENCE, NO_CHOICE, type ViewState } from '../../../../src/page/fleet/view-state.ts';
import { clockAt, fleetOf, rowOf } from './clocks.ts';

function listOf(
  model: FleetModel,
  view: Partial<ViewState> = {},
  followers: readonly string[] | null = null,
): ClockList {
  const list = new ClockList();
  list.order(model.clocks.values(), { ...NO_CHOICE, ...view }, followers && new Set(followers));
  return list;
}

/** The rows: addresses, and groups in brackets. */
function rows(list: ClockList): string[] {
  return list.items.map((item) => (item instanceof Group ? `[${item.value ?? '-'}]` : item.address));
}

function shown(
  model: FleetModel,
  view: Partial<ViewState>,
  followers: readonly string[] | null = null,
): string[] {
  return rows(listOf(model, view, followers));
}

describe('the order', () => {
  it('is the worst first: by state, then by bound unless the clock is ok, then by name', () => {
    const model = fleetOf({
      'ok-10': { maxError: 1 },
      'ok-9': { maxError: 0.001 },
      silent: { state: 'critical', maxError: null },
      far: { state: 'critical', maxError: 2 },
      farther: { state: 'critical', maxError: 20 },
      odd: { state: 'warning', maxError: 0.5 },
      who: { state: 'unknown', maxError: null },
      new: { state: 'pending', maxError: null },
    });
    const worstFirst = ['silent', 'farther', 'far', 'who', 'odd', 'new', 'ok-9', 'ok-10'];
    expect(shown(model, {})).toEqual(worstFirst);
    expect(shown(model, { isReversed: true })[0]).toBe('ok-9');
  });

  it.each([
    ['bound', ['b', 'a', 'c']],
    ['offset', ['a', 'b', 'c']],
    ['stratum', ['b', 'a', 'c']],
    ['follows', ['b', 'a', 'c']],
    ['heard', ['b', 'a', 'c']],
    ['reason', ['b', 'a', 'c']],
    ['target', ['a', 'b', 'c']],
  ] as const)('by %s puts unknown values last in both directions', (sort, expected) => {
    const model = fleetOf({
      c: { maxError: null, offset: null, stratum: null, reference: null, heard: null },
      a: { maxError: 1, offset: -3, stratum: 2, reference: 'ntp10', heard: 50, reasons: ['b'] },
      b: { maxError: 2, offset: 2, stratum: 3, reference: 'ntp9', heard: 40, reasons: ['a'] },
    });
    expect(shown(model, { sort })).toEqual(expected);
    const [first, second] = expected;
    const reversed = sort === 'target' ? ['c', second, first] : [second, first, 'c'];
    expect(shown(model, { sort, isReversed: true })).toEqual(reversed);
  });

  it('has a direction for screen readers', () => {
    expect(isDescending('bound', false)).toBe(true);
    expect(isDescending('target', false)).toBe(false);
    expect(isDescending('target', true)).toBe(true);
  });
});

describe('the filters', () => {
  const model = fleetOf({
    'db-1': { labels: { site: 'ams', role: 'db' }, reference: '192.0.2.1' },
    'db-2': { labels: { site: 'fra', role: 'db' }, state: 'critical', reasons: ['chronyd does not answer'] },
    'web-1': { labels: { site: 'ams' }, maxError: 2e-6, offset: -2e-6, reference: '192.0.2.9' },
  });
  it.each([
    [{ search: 'DB' }, ['db-2', 'db-1']],
    [{ search: 'ams db' }, ['db-1']],
    [{ search: 'role=db' }, ['db-2', 'db-1']],
    [{ search: '192.0.2.9' }, ['web-1']],
    [{ search: 'not answer' }, ['db-2']],
    [{ search: 'nothing of the kind' }, []],
    [{ states: ['critical', 'warning'] }, ['db-2']],
    [{ labels: [['site', 'ams']] }, ['db-1', 'web-1']],
    [
      {
        labels: [
          ['site', 'ams'],
          ['role', 'db'],
        ],
      },
      ['db-1'],
    ],
    [{ bound: 7 }, ['web-1']],
    [{ offset: -4 }, ['web-1']],
    [{ offset: 4 }, ['db-2', 'db-1']],
    [{ states: ['ok'], search: 'db' }, ['db-1']],
  ] as const)('%j', (view, expected) => {
    expect(shown(model, view)).toEqual(expected);
  });

  it('select the followers of a source', () => {
    expect(shown(model, { follows: 'x' }, ['db-1', 'web-1', 'elsewhere'])).toEqual(['db-1', 'web-1']);
    expect(shown(model, { follows: 'x' })).toEqual([]);
  });
});

describe('the groups', () => {
  const model = fleetOf({
    a: { labels: { site: 'ams' } },
    b: { labels: { site: 'ams' }, state: 'warning' },
    c: { labels: { site: 'fra' }, state: 'critical' },
    d: { labels: { site: 'lon' } },
    e: { reference: null },
  });

  it('are sorted with the worst first, the group without the label last, and count their clocks', () => {
    const list = listOf(model, { group: 'site' });
    expect(rows(list)).toEqual(['[fra]', 'c', '[ams]', 'b', 'a', '[lon]', 'd', '[-]', 'e']);
    const [, , ams] = list.items;
    expect(ams).toBeInstanceOf(Group);
    expect((ams as Group).counts()).toMatchObject({ ok: 1, warning: 1, critical: 0 });
    expect(rows(listOf(model, { group: 'site', isReversed: true })).at(-2)).toBe('[fra]');
  });

  it('can be closed and still count their clocks', () => {
    const list = listOf(model, { group: 'site', closed: ['ams', ''] });
    expect(rows(list)).toEqual(['[fra]', 'c', '[ams]', '[lon]', 'd', '[-]']);
    expect(list.count).toBe(5);
  });

  it('can be formed by reference, too', () => {
    expect(rows(listOf(model, { group: BY_REFERENCE }))).toEqual([
      '[192.0.2.1]',
      'c',
      'b',
      'a',
      'd',
      '[-]',
      'e',
    ]);
  });

  it('are found again after a new sort', () => {
    const list = listOf(model, { group: 'site' });
    const key = keyOf(list.items[2] as Group);
    list.order(model.clocks.values(), { ...NO_CHOICE, group: 'site', closed: ['fra'] }, null);
    expect(list.indexOf(key)).toBe(1);
    expect(list.indexOf('clock c')).toBe(-1);
  });
});

describe('while clocks change', () => {
  it('the rows keep their positions, and rows that are out of place are counted', () => {
    const model = fleetOf({ a: {}, b: {}, c: {} });
    const list = listOf(model);
    expect(list.outOfPlace()).toBe(0);
    list.note(model.update([rowOf(3, { state: 'critical' })]));
    expect(rows(list)).toEqual(['a', 'b', 'c']);
    expect(list.outOfPlace()).toBe(1);
    list.order(model.clocks.values(), NO_CHOICE, null);
    expect(rows(list)).toEqual(['c', 'a', 'b']);
    expect(list.outOfPlace()).toBe(0);
  });

  it('added, removed and no longer matching clocks are counted until they change back', () => {
    const model = fleetOf({ a: {}, b: { state: 'critical' } });
    const list = listOf(model, { states: ['ok'] });
    list.note(model.update([rowOf(2, { state: 'ok' })]));
    list.note(model.update([rowOf(1, { state: 'warning' })]));
    list.note(model.addTargets([[3, 'c', {}]]));
    expect(rows(list)).toEqual(['a']);
    // the new clock is still pending
    expect(list.outOfPlace()).toBe(2);
    list.note(model.update([rowOf(2, { state: 'critical' }), rowOf(1, { state: 'ok' })]));
    expect(list.outOfPlace()).toBe(0);
    const removed = clockAt(model, 'a');
    list.note(model.remove([1]));
    expect(list.outOfPlace()).toBe(1);
    expect(list.items).toEqual([removed]);
  });

  it('a clock that moves to another group and a group that becomes worse are counted', () => {
    const model = fleetOf({ a: { reference: 'x' }, b: { reference: 'y' } });
    const list = listOf(model, { group: BY_REFERENCE });
    list.note(model.update([rowOf(1, { reference: 'y' })]));
    expect(list.outOfPlace()).toBe(1);
    list.note(model.update([rowOf(1, { reference: 'x' }), rowOf(2, { reference: 'y', state: 'critical' })]));
    expect(list.outOfPlace()).toBe(1);
  });

  it('different followers count as different rows', () => {
    const model = fleetOf({ a: {}, b: {} });
    const list = listOf(model, { follows: 'x' }, ['a']);
    list.rematch(model.clocks.values(), { ...NO_CHOICE, follows: 'x' }, new Set(['b']));
    expect(rows(list)).toEqual(['a']);
    expect(list.outOfPlace()).toBe(2);
  });
});
