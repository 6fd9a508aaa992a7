/** Compares the measured and the theoretical success rate of calls to a real chronyd over a bad network. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  ChronyConnection,
  ChronyDataError,
  type ChronyOptions,
  ChronyTimeoutError,
} from '../../../src/index.ts';
import { replyLength } from '../../../src/testing/reply.ts';
import type { Chronyd } from '../../support/chronyd.ts';
import { type Figure, grouped, writeFigures } from '../../support/figures.ts';
import { requestsFor } from '../../system/native/replies.ts';
import { type Condition, conditions, expected } from './conditions.ts';
import { Relay } from './relay.ts';
import { type Query, queries, SOURCES, startServer } from './server.ts';

const COMMAND = 'make test-network';
const JITTER_MS = 200;
const SEED = Number(process.env['CHRONY_NETWORK_SEED'] ?? Date.now() & 0x7fffffff);
const CALLS = 1500;
/** The number of concurrent calls, each on its own connection. */
const AT_ONCE = 100;
const DEFAULT_RETRIES = 2;

let chronyd: Chronyd;
const figures: Figure[] = [];

beforeAll(async () => {
  chronyd = await startServer();
});
afterAll(async () => {
  await chronyd?.stop();
  if (figures.length > 0) writeFigures('network', figures);
});

/** The share of calls that are answered correctly. A wrong reply throws. */
async function measure(
  condition: Condition,
  query: Query,
  calls: number,
  settings: Pick<ChronyOptions, 'retries'> = {},
): Promise<number> {
  await using relay = await Relay.start(chronyd.commandPort, condition, SEED);
  let answered = 0;
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < calls) {
      next++;
      await using chrony = await ChronyConnection.open({ address: relay.address, ...settings });
      try {
        await query.ask(chrony);
        answered++;
      } catch (error) {
        if (!(error instanceof ChronyTimeoutError || error instanceof ChronyDataError)) throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return answered / calls;
}

/** Five standard deviations of a share, plus a margin for losses on a busy machine. */
function tolerance(share: number, calls: number): number {
  return 5 * Math.sqrt((share * (1 - share)) / calls) + 0.005;
}

function record(what: string, measured: number, theory: number, calls: number): void {
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  figures.push({
    what,
    figure: `${percent(measured)} of ${grouped(calls)} calls answered, by theory ${percent(theory)}; no wrong record`,
    command: COMMAND,
  });
  expect(Math.abs(measured - theory), `seed ${SEED}`).toBeLessThan(tolerance(theory, calls));
}

it.each(conditions(JITTER_MS).map((condition) => [condition.name, condition] as const))(
  '%s',
  async (_, condition) => {
    const measured = await measure(condition, queries.tracking, CALLS);
    record(
      `${condition.name}: getTracking(), default settings (1 s, 2 retries)`,
      measured,
      expected(condition, DEFAULT_RETRIES),
      CALLS,
    );
  },
);

const [, loss = expect.fail()] = conditions(JITTER_MS);

it('loss with more retries', async () => {
  const retries = 6;
  // half of all tries succeed, so few calls need the last retries and the test does not take too long
  const calls = 300;
  const measured = await measure(loss, queries.tracking, calls, { retries });
  record(`${loss.name}: getTracking() with ${retries} retries`, measured, expected(loss, retries), calls);
});

it('loss with a report of many records', async () => {
  const calls = 600;
  const measured = await measure(loss, queries.sources, calls);
  const theory = expected(loss, DEFAULT_RETRIES) ** queries.sources.exchanges;
  record(
    `${loss.name}: getSources() with ${SOURCES} sources, ${queries.sources.exchanges} exchanges, default settings`,
    measured,
    theory,
    calls,
  );
});

it('the longest request and reply', () => {
  const replies = Object.values(requestsFor).flatMap((requests) => requests.flatMap(({ replies: of }) => of));
  const longest = Math.max(...replies.map(replyLength));
  figures.push({
    what: 'The longest request, and the longest reply',
    figure: `${longest} bytes each; a packet of the smallest MTU, 576, takes 548: nothing depends on fragments`,
    command: 'make test',
  });
  expect(longest).toBeLessThan(548);
});
