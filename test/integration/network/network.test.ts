/** On a bad network a call returns the right reply or an error, never a wrong record. A real chronyd is behind a relay. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ChronyConnection,
  ChronyDataError,
  type ChronyError,
  ChronyTimeoutError,
} from '../../../src/index.ts';
import { startMockChronyd } from '../../../src/testing/index.ts';
import { encodeReply, REPLY_HEADER_LENGTH } from '../../../src/testing/reply.ts';
import { REQUEST_HEADER_LENGTH } from '../../../src/testing/requests.ts';
import type { Chronyd } from '../../support/chronyd.ts';
import { type Condition, conditions, expected } from './conditions.ts';
import { Relay } from './relay.ts';
import { queries, SOURCES, startServer } from './server.ts';

/** Too short for exact success rates on a busy machine; `make test-network` measures these. */
const QUICK = { timeoutMs: 40, retries: 4 };
/** Longer than the timeout of the first try, so that its reply may be late. */
const JITTER_MS = 60;
const SEED = 20;
const CALLS = 24;
const LONG = { timeout: 120_000 };

let chronyd: Chronyd;

beforeAll(async () => {
  chronyd = await startServer();
});
afterAll(() => chronyd?.stop());

/** Makes calls on several connections and counts the outcomes. Only errors that the condition explains are accepted. */
async function ask(
  address: string,
  condition: Condition,
  calls: number,
  settings: { readonly timeoutMs: number; readonly retries: number },
  query: (chrony: ChronyConnection, call: number) => Promise<void>,
) {
  const counts = { right: 0, failed: 0 };
  const one = async (connection: number): Promise<void> => {
    await using chrony = await ChronyConnection.open({ address, ...settings });
    for (let call = connection; call < calls; call += 8) {
      const failure = await query(chrony, call).then(
        () => null,
        (error: unknown) => error,
      );
      if (failure === null) counts.right++;
      else {
        expectExplained(failure, condition);
        counts.failed++;
      }
    }
  };
  await Promise.all(Array.from({ length: 8 }, (_, connection) => one(connection)));
  return counts;
}

/** Accepts a timeout or, if datagrams are truncated, the error of a too short request or reply. */
function expectExplained(failure: unknown, condition: Condition): void {
  if (failure instanceof ChronyTimeoutError) return;
  const cuts = condition.answered + condition.silent < 0.999;
  const isCut =
    failure instanceof ChronyDataError && [13, 14].includes((failure as ChronyError).errorCode ?? 0);
  if (!cuts || !isCut) throw failure;
}

describe.concurrent.each(conditions(JITTER_MS).map((condition) => [condition.name, condition] as const))(
  '%s',
  (_, condition) => {
    it.each(Object.entries(queries))('%s is correct or an error', LONG, async (_report, query) => {
      await using relay = await Relay.start(chronyd.commandPort, condition, SEED);
      const { right, failed } = await ask(relay.address, condition, CALLS, QUICK, query.ask);
      expect(right + failed).toBe(CALLS);
      const most = expected(condition, QUICK.retries) ** query.exchanges > 0.5;
      if (most) expect(right).toBeGreaterThan(0);
    });

    it('every reply belongs to the call and to the requested record', LONG, async () => {
      let number = 0;
      // each reply contains the index of the requested record and the number of requests so far
      await using mock = await startMockChronyd('many sources', {
        intercept: (request, reply) => {
          number++;
          // a truncated request
          if (reply === null || reply.length === REPLY_HEADER_LENGTH) return undefined;
          if (request.code === 14) return [encodeReply(2, request, { sources: SOURCES })];
          const index = Buffer.from(request.datagram).readUInt32BE(REQUEST_HEADER_LENGTH);
          return [encodeReply(3, request, { address: `192.0.2.${index}`, 'last sample ago': number })];
        },
      });
      await using relay = await Relay.start(mock.port, condition, SEED);
      const { right, failed } = await ask(relay.address, condition, CALLS, QUICK, async (chrony) => {
        const before = number;
        const sources = await chrony.getSources();
        expect(sources.map(({ address }) => address)).toEqual(
          Array.from({ length: SOURCES }, (_value, i) => `192.0.2.${i}`),
        );
        for (const { lastSampleAgo } of sources) expect(lastSampleAgo).toBeGreaterThan(before);
      });
      expect(right + failed).toBe(CALLS);
      if (condition.answered === 1) expect(right).toBeGreaterThan(0);
    });
  },
);

it('loss causes only timeouts', LONG, async () => {
  const loss = conditions(JITTER_MS).find(({ name }) => name.includes('loss')) ?? expect.fail();
  await using relay = await Relay.start(chronyd.commandPort, loss, SEED);
  const settings = { timeoutMs: 40, retries: 1 };
  const { right, failed } = await ask(relay.address, loss, 160, settings, queries.tracking.ask);
  expect(failed).toBeGreaterThan(0);
  expect(right).toBeGreaterThan(0);
});
