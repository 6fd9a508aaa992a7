/** The text on the fleet page. */
import { describe, expect, it } from 'vitest';
import { FleetModel } from '../../../../src/page/fleet/model.ts';
import {
  boundText,
  headlineOf,
  heardText,
  offsetText,
  reasonText,
  silentText,
  staleHeadline,
} from '../../../../src/page/fleet/text.ts';
import { type ClockData, clockAt, fleetOf } from './clocks.ts';

function headline(clocks: Readonly<Record<string, ClockData>>) {
  return headlineOf(fleetOf(clocks).counts, true);
}

describe('the headline', () => {
  it('summarizes all clocks, the worst state first', () => {
    const sick = { b: { state: 'critical' }, c: { state: 'critical' }, d: { state: 'warning' } } as const;
    expect(headline({ a: {}, ...sick })).toEqual({
      tone: 'critical',
      word: 'Critical',
      text: '1 of 4 clocks is healthy; 2 critical, 1 warning.',
      short: '2 critical, 1 warning of 4',
    });
  });

  it.each([
    [{ a: {} }, 'The only clock is healthy.', 'ok'],
    [{ a: {}, b: {} }, 'All 2 clocks are healthy.', 'ok'],
    [{ a: { state: 'pending' }, b: {} }, '1 of 2 clocks is healthy; 1 pending.', 'neutral'],
    [{ a: { state: 'unknown' } }, '0 of 1 clock are healthy; 1 unknown.', 'unknown'],
  ] as const)('%j: %s', (clocks, text, tone) => {
    expect(headline(clocks)).toMatchObject({ text, tone });
  });

  it('groups the digits of large numbers', () => {
    const counts = { ...new FleetModel().counts, ok: 9997, critical: 3 };
    expect(headlineOf(counts, true).text).toBe('9,997 of 10,000 clocks are healthy; 3 critical.');
  });

  it('distinguishes waiting from a fleet without targets', () => {
    const { counts } = new FleetModel();
    expect(headlineOf(counts, false).text).toBe('Waiting for the first update.');
    expect(headlineOf(counts, true).text).toBe('The fleet has no targets.');
  });

  it('replaces outdated information', () => {
    const stale = staleHeadline(75, false, headline({ a: {}, b: {} }));
    expect(stale.tone).toBe('unknown');
    expect(stale.text).toBe('No update of the fleet for 75 s.');
    expect(stale.meaning).toMatch(/^The server cannot be reached; .* ago: All 2 clocks are healthy\.$/);
    expect(staleHeadline(75, true, stale).meaning).toMatch(/^The server no longer sends updates/);
  });

  it('counts the clocks that have not answered', () => {
    expect(silentText(0, 15)).toBe('Each clock is queried every 15 s.');
    expect(silentText(1, 15)).toBe(
      '1 clock has not answered for 45 s or longer. Its figures are from the last reply.',
    );
    expect(silentText(1200, 15)).toMatch(/^1,200 clocks have not answered .* Their figures/);
  });
});

describe('a row', () => {
  const model = fleetOf({
    slow: { offset: 1.893e-3, maxError: 0.0123451, heard: 1000, reasons: ['a', 'b', 'c'] },
    fast: { offset: -2e-6, heard: 1000.4, reasons: ['only'] },
    exact: { offset: 0 },
    dead: { offset: null, maxError: null, heard: null },
  });
  const at = (address: string) => clockAt(model, address);

  it('writes the sign of the offset as a word', () => {
    expect(['slow', 'fast', 'exact', 'dead'].map((name) => offsetText(at(name)))).toEqual([
      '1.89 ms slow',
      '2 µs fast',
      'none',
      'not known',
    ]);
  });

  it('never rounds the bound down', () => {
    expect(boundText(at('slow'))).toBe('± 12.4 ms');
    expect(boundText(at('dead'))).toBe('not known');
  });

  it('gives the age of the last reply, even if the local clock is wrong', () => {
    expect(heardText(at('slow'), 1035)).toBe('35 s ago');
    expect(heardText(at('fast'), 1001)).toBe('now');
    expect(heardText(at('fast'), 900)).toBe('now');
    expect(heardText(at('dead'), 1000)).toBe('never');
  });

  it('gives the first reason and the number of others', () => {
    expect(reasonText(at('slow'))).toBe('a (and 2 more)');
    expect(reasonText(at('fast'))).toBe('only');
    expect(reasonText(at('dead'))).toBe('');
  });

  it('marks a clock that is no longer a target', () => {
    const clock = at('exact');
    model.remove([clock.id]);
    expect(reasonText(clock)).toBe('It is no longer a target');
  });
});
