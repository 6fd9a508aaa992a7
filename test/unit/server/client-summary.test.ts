/** The clients on the page, and their order. */
import { describe, expect, it } from 'vitest';
import { summaryOf } from '../../../src/server/client-summary.ts';
import { makeClientAccess } from '../../../src/testing/index.ts';

const NONE = { ntpHits: 0, ntpInterval: null, lastNtpHitAgo: null };

function order(...clients: readonly Parameters<typeof makeClientAccess>[0][]): readonly string[] {
  const all = clients.map((client) => makeClientAccess(client));
  return summaryOf(all, 0).clients.map(({ client }) => client.address);
}

describe('the order', () => {
  it('counts requests of all kinds', () => {
    expect(
      order(
        { address: '192.0.2.1', ntpInterval: 6, lastNtpHitAgo: 3 },
        { address: '192.0.2.2', ntpInterval: 2, lastNtpHitAgo: 3 },
        { address: '192.0.2.3', ...NONE, commandHits: 9, commandInterval: 0, lastCommandHitAgo: 0 },
        { address: '192.0.2.4', ...NONE, ntsKeHits: 9, ntsKeInterval: 4, lastNtsKeHitAgo: 0 },
      ),
    ).toEqual(['192.0.2.3', '192.0.2.2', '192.0.2.4', '192.0.2.1']);
  });

  it('follows the current rate: a client that has stopped moves down', () => {
    expect(
      order(
        { address: '192.0.2.1', ntpInterval: -5, lastNtpHitAgo: 7200 },
        { address: '192.0.2.2', ntpInterval: 10, lastNtpHitAgo: 900 },
      ),
    ).toEqual(['192.0.2.2', '192.0.2.1']);
  });

  it('uses the number of requests if no interval is known', () => {
    expect(
      order(
        { address: '192.0.2.1', ntpHits: 1, ntpInterval: null },
        { address: '192.0.2.2', ntpHits: 3, ntpInterval: null },
      ),
    ).toEqual(['192.0.2.2', '192.0.2.1']);
  });
});

describe('the summary', () => {
  it('contains the first 100 of thousands of clients and counts all', () => {
    const clients = Array.from({ length: 4096 }, (_, i) =>
      makeClientAccess({
        address: `10.0.${i >> 8}.${i & 255}`,
        ntpInterval: 10,
        lastNtpHitAgo: 2000 + i,
        ntpDrops: i % 3,
      }),
    );
    const summary = summaryOf(clients.toReversed(), 17);
    expect(summary).toMatchObject({ time: 17, total: 4096, limited: 2730 });
    expect(summary.clients.map(({ client }) => client)).toEqual(clients.slice(0, 100));
  });

  it('derives the rate from the mean intervals, and is 0 if no interval is known', () => {
    const both = { ntpInterval: 1, commandHits: 5, commandInterval: 2, lastCommandHitAgo: 700 };
    const rates = summaryOf([makeClientAccess(both), makeClientAccess({ ntpInterval: null })], 0);
    expect(rates.clients.map(({ rate }) => rate)).toEqual([0.75, 0]);
  });

  it('is empty without clients', () => {
    expect(summaryOf([], 5)).toEqual({ time: 5, total: 0, limited: 0, clients: [] });
  });
});
