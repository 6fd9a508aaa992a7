/** The page shows the same values, to the last digit, as the real chronyc with the same chronyd at the same moment. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { scenario, startMockChronyd } from '../../../src/testing/index.ts';
import { installedChronyc } from '../../support/chronyc.ts';
import { FrozenChronyd } from '../../support/frozen.ts';
import { startPair } from '../../support/pair.ts';
import { Stage } from './support/stage.ts';
import type { Visit } from './support/visit.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.set();
});
afterAll(() => stage?.[Symbol.asyncDispose]());

type Chronyc = (...command: readonly string[]) => Promise<string>;

function chronycOf(port: number): Chronyc {
  return (...command) => installedChronyc().printAt(port, ...command);
}

/** Parses lines of labels and values. */
function labelled(text: string): Map<string, string> {
  const matches = text.matchAll(/^(.*?) *: *(.*?) *$/gm);
  return new Map([...matches].map(([, label = '', value = '']) => [label, value]));
}

/** Converts a value of the page, which has a space before the unit, a micro sign and a typographic minus sign. */
function asChronyc(text: string): string {
  return text
    .replace('−', '-')
    .replace('µ', 'u')
    .replace(/ (?=[numskhdy]+$)/, '');
}

/** Expects the page to show all values that chronyc prints in a report. Returns their number. */
async function expectBlock(visit: Visit, report: string, chronyc: Chronyc): Promise<number> {
  const theirs = labelled(await chronyc(report));
  const details = visit.page.locator('#reports details', {
    has: visit.page.locator('summary code', { hasText: new RegExp(`^${report}$`) }),
  });
  const ours = await visit.fields(details);
  expect(ours.size, report).toBeGreaterThan(0);
  for (const [label, value] of theirs) {
    expect(ours.get(label)?.replace(' min', 'm'), `${report}: ${label}`).toBe(value);
  }
  return theirs.size;
}

/** Compares the row and the details of each source with chronyc's lines. Returns the number of sources. */
async function expectSources(visit: Visit, chronyc: Chronyc): Promise<number> {
  const lines = (await chronyc('sources')).trim().split('\n').slice(2);
  const stats = (await chronyc('sourcestats')).trim().split('\n').slice(2);
  for (const [i, line] of lines.entries()) {
    const [, mark, address = '', stratum, poll, reach, , sample = ''] =
      /^.(.) (\S+) +(\d+) +(-?\d+) +(\d+) +(\S+) +(.*)$/.exec(line) ?? [];
    const source = visit.source(address);
    expect(await source.locator('.mark').innerText()).toBe(mark);
    const cells = await source.locator('tr').first().locator('td').allInnerTexts();
    expect(cells[0]?.trim()).toBe(stratum);
    expect(cells[1]?.split(' ')[0]).toBe(poll);
    expect(await source.locator('.octal').innerText()).toBe(reach);
    const fields = await visit.fields(source.locator('.details'));
    if (fields.get('Last sample') === 'never') continue;
    const [, adjusted, measured, error] = /^(\S+)\[ *(\S+)\] \+\/- +(\S+)$/.exec(sample) ?? [];
    expect(asChronyc(fields.get('Adjusted offset') ?? '')).toBe(adjusted);
    expect(asChronyc(fields.get('Measured offset') ?? '')).toBe(measured);
    expect(asChronyc(fields.get('Estimated error') ?? '')).toBe(`± ${error}`);
    const [, samples, runs, , frequency, skew, , deviation] = stats[i]?.trim().split(/ +/) ?? [];
    expect(fields.get('Samples')).toBe(samples);
    expect(fields.get('Residual runs')).toBe(runs);
    expect(fields.get('Frequency skew')).toBe(`${skew} ppm`);
    expect(fields.get('Frequency')?.replace('−', '-')).toBe(`${frequency} ppm`);
    expect(asChronyc(fields.get('Std deviation') ?? '')).toBe(deviation);
  }
  return lines.length;
}

it('shows the values of a real chronyd', async () => {
  await using pair = await startPair(['rtcfile {dir}/rtc']);
  await using frozen = await FrozenChronyd.of(pair.client);
  const chronyc = chronycOf(frozen.port);
  await using serving = await stage.serve(frozen.address);
  await using visit = await stage.visit(serving.url);
  await visit.until(visit.word, 'Healthy');
  await visit.openDetails();
  expect(await expectBlock(visit, 'tracking', chronyc)).toBe(13);
  expect(await expectBlock(visit, 'smoothing', chronyc)).toBe(6);
  expect(await expectBlock(visit, 'serverstats', chronyc)).toBeGreaterThan(9);
  expect(await expectSources(visit, chronyc)).toBe(3);
  const theirs = labelled(await chronyc('ntpdata', '127.0.0.1'));
  const ours = await visit.fields(visit.source('127.0.0.1').locator('section', { hasText: 'ntpdata' }));
  for (const [label, value] of theirs) {
    // chronyc prints each address twice, the page once
    const expected = label.endsWith('address') ? value.split(' ')[0] : value;
    expect(ours.get(label), label).toBe(expected);
  }
  expect(theirs.size).toBeGreaterThan(25);
});

it('shows the values of a mock chronyd with a real-time clock, which a test machine lacks', async () => {
  await using mock = await startMockChronyd(scenario('rtc', installedChronyc().replies));
  const chronyc = chronycOf(mock.port);
  await using serving = await stage.serve(mock.address);
  await using visit = await stage.visit(serving.url);
  await visit.until(visit.word, 'Healthy');
  await visit.openDetails();
  expect(await expectBlock(visit, 'tracking', chronyc)).toBe(13);
  expect(await expectBlock(visit, 'rtcdata', chronyc)).toBe(6);
  expect(await expectSources(visit, chronyc)).toBe(3);
});
