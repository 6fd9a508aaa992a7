import { describe, expect, it } from 'vitest';
import { type Faults, noFaults, seededRandom, withFaults } from '../../../src/testing/faults.ts';

const HEADER = 28;
const reply = Uint8Array.from({ length: 100 }, (_, i) => i);

function deliver(faults: Partial<Faults>, seed = 1) {
  return withFaults(reply, { ...noFaults, ...faults }, HEADER, seededRandom(seed));
}

function countOf(faults: Partial<Faults>, replies = 2000): number {
  const random = seededRandom(7);
  const all = Array.from({ length: replies }, () =>
    withFaults(reply, { ...noFaults, ...faults }, HEADER, random),
  );
  return all.flat().length;
}

describe('the random numbers', () => {
  it('follow from the seed', () => {
    const draw = (seed: number) => Array.from({ length: 5 }, seededRandom(seed));
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
  });

  it('are distributed evenly from 0 to 1', () => {
    const tenths = Array<number>(10).fill(0);
    const random = seededRandom(42);
    for (let i = 0; i < 10_000; i++) {
      const value = random();
      expect(value).toBeGreaterThanOrEqual(0);
      expect(value).toBeLessThan(1);
      tenths[Math.floor(value * 10)] = (tenths[Math.floor(value * 10)] ?? 0) + 1;
    }
    for (const count of tenths) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });
});

describe('faults', () => {
  it('do not change a reply by default', () => {
    expect(deliver({})).toEqual([{ datagram: reply, delayMs: 0 }]);
  });

  it('withhold replies', () => expect(deliver({ silent: true })).toEqual([]));

  it('drop the configured share of replies', () => {
    expect(countOf({ loss: 1 })).toBe(0);
    expect(countOf({ loss: 0.3 })).toBeGreaterThan(1300);
    expect(countOf({ loss: 0.3 })).toBeLessThan(1500);
  });

  it('duplicate the configured share of replies', () => {
    expect(countOf({ duplicate: 1 })).toBe(4000);
    expect(countOf({ duplicate: 0.5 })).toBeGreaterThan(2900);
    expect(countOf({ duplicate: 0.5 })).toBeLessThan(3100);
  });

  it('delay replies, with additional jitter', () => {
    const random = seededRandom(3);
    const delays = Array.from({ length: 100 }, () =>
      withFaults(reply, { ...noFaults, delayMs: 20, jitterMs: 10 }, HEADER, random),
    ).flatMap((deliveries) => deliveries.map(({ delayMs = 0 }) => delayMs));
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(20);
    expect(Math.max(...delays)).toBeLessThan(30);
    expect(new Set(delays).size).toBeGreaterThan(90);
  });

  it('truncate replies', () => {
    expect(deliver({ truncate: 27 })).toEqual([{ datagram: reply.slice(0, 27), delayMs: 0 }]);
    expect(deliver({ truncate: 0 })[0]?.datagram).toHaveLength(0);
    expect(deliver({ truncate: 1000 })[0]?.datagram).toEqual(reply);
  });

  it('send garbage before a reply', () => {
    const [noise, real] = deliver({ garbage: 'before' });
    expect(noise?.datagram).not.toEqual(reply);
    expect(real?.datagram).toEqual(reply);
  });

  it('send garbage instead of a reply', () => {
    const deliveries = deliver({ garbage: 'instead' });
    expect(deliveries).toHaveLength(1);
    expect(deliveries[0]?.datagram).not.toEqual(reply);
  });

  it('replace the body with garbage and keep the header', () => {
    const [only] = deliver({ garbage: 'body' });
    expect(only?.datagram.subarray(0, HEADER)).toEqual(reply.subarray(0, HEADER));
    expect(only?.datagram).toHaveLength(reply.length);
    expect(only?.datagram).not.toEqual(reply);
  });
});
