/** The page's connection: it comes back from whatever a server, or what is in between, does to it. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type MockChronyd, startMockChronyd } from '../../../src/testing/index.ts';
import { updateEvent } from '../../support/update.ts';
import type { Serving } from '../server/serving.ts';
import { Stage } from './support/stage.ts';

let stage: Stage;
let mock: MockChronyd;
let serving: Serving;
beforeAll(async () => {
  stage = await Stage.set();
  mock = await startMockChronyd();
  serving = await stage.serve(mock.address);
});
afterAll(async () => {
  await serving?.[Symbol.asyncDispose]();
  await mock?.[Symbol.asyncDispose]();
  await stage?.[Symbol.asyncDispose]();
});

it('is refused, by which browsers give up for good, and tries again, at ever longer intervals', async () => {
  const asked: number[] = [];
  await using visit = await stage.visit(serving.url, {
    events: () => {
      asked.push(Date.now());
      return asked.length < 4 ? { status: 503 } : { status: 200, body: updateEvent() };
    },
  });
  await visit.until(visit.word, 'Connecting');
  await visit.until(visit.word, 'Healthy');
  const pauses = asked.slice(1, 4).map((time, i) => time - (asked[i] ?? 0));
  // a refusal is a line in the browser's console, and nothing else
  expect(visit.complaints.filter((text) => !text.includes('503'))).toEqual([]);
  // 1, 2 and 4 s, of which the first request's way to here may take some
  for (const [i, least] of [500, 1000, 2000].entries()) expect(pauses[i]).toBeGreaterThan(least);
});

it('ends after each update, and begins again', async () => {
  let count = 0;
  await using visit = await stage.visit(serving.url, {
    // `retry` is a field of server-sent events: the browser connects again after so many milliseconds
    events: () => ({ status: 200, body: `retry: 200\n\n${updateEvent({ host: `host${++count}.example` })}` }),
  });
  await visit.until(visit.page.locator('h1'), /host([3-9]|\d\d+)\.example/);
  visit.expectNoComplaints();
});

it('shows what was before it looked, and a pause as a pause', async () => {
  const now = Math.floor(Date.now() / 1000);
  const point = (time: number, offset: number): string => `[${time},${offset},1,0.001]`;
  const history = `[${point(now - 60, 1e-6)},${point(now - 59, 5e-6)},${point(now - 2, 2e-6)}]`;
  await using visit = await stage.visit(serving.url, {
    events: () => ({
      status: 200,
      body: `event: history\ndata: ${history}\n\n${updateEvent({ point: [now, 3e-6, 1, 0.001] })}`,
    }),
  });
  const plot = visit.page.getByRole('slider', { name: 'Offset over time' });
  await expect
    .poll(() => plot.getAttribute('aria-valuetext'))
    .toBe('Now +3000 ns; from +1000 ns to +5000 ns');
  await plot.focus();
  const said: (string | undefined)[] = [];
  for (const key of ['Home', 'ArrowRight', 'ArrowRight', 'ArrowRight', 'ArrowRight']) {
    await visit.page.keyboard.press(key);
    said.push((await plot.getAttribute('aria-valuetext'))?.replace(/^.*\d: /, ''));
  }
  expect(said).toEqual(['+1000 ns', '+5000 ns', 'not known', '+2000 ns', '+3000 ns']);
  visit.expectNoComplaints();
});
