/** The page reconnects after every failure of the server or of an intermediary. */
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

it('retries at increasing intervals after a refusal, after which browsers do not reconnect by themselves', async () => {
  const requestTimes: number[] = [];
  await using visit = await stage.visit(serving.url, {
    events: () => {
      requestTimes.push(Date.now());
      return requestTimes.length < 4 ? { status: 503 } : { status: 200, body: updateEvent() };
    },
  });
  await visit.until(visit.word, 'Connecting');
  await visit.until(visit.word, 'Healthy');
  const pauses = requestTimes.slice(1, 4).map((time, i) => time - (requestTimes[i] ?? 0));
  // each refusal adds a line to the browser's console, and nothing else
  expect(visit.problems.filter((text) => !text.includes('503'))).toEqual([]);
  // 1, 2 and 4 s, less the time that a delayed request may have taken to arrive here
  for (const [i, least] of [500, 1000, 2000].entries()) expect(pauses[i]).toBeGreaterThan(least);
});

it('reconnects when the stream ends after each update', async () => {
  let count = 0;
  await using visit = await stage.visit(serving.url, {
    // `retry` is a field of server-sent events: the delay in milliseconds before the browser reconnects
    events: () => ({ status: 200, body: `retry: 200\n\n${updateEvent({ host: `host${++count}.example` })}` }),
  });
  await visit.until(visit.page.locator('h1'), /host([3-9]|\d\d+)\.example/);
  visit.expectNoProblems();
});

it('shows the history before the visit, with a gap where there are no values', async () => {
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
  const values: (string | undefined)[] = [];
  for (const key of ['Home', 'ArrowRight', 'ArrowRight', 'ArrowRight', 'ArrowRight']) {
    await visit.page.keyboard.press(key);
    values.push((await plot.getAttribute('aria-valuetext'))?.replace(/^.*\d: /, ''));
  }
  expect(values).toEqual(['+1000 ns', '+5000 ns', 'not known', '+2000 ns', '+3000 ns']);
  visit.expectNoProblems();
});
