import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Shares } from '../../../src/server/shares.ts';

const LIMITS = { inAll: 6, ofClient: 4 };
const never = (): boolean => false;
const always = (): boolean => true;

function sharesOf(...clients: readonly string[]): Shares<number> {
  const shares = new Shares<number>(LIMITS);
  clients.forEach((client, index) => {
    shares.add(client, index);
  });
  return shares;
}

describe('room for another item', () => {
  it('exists up to the limit per client and the limit in total', () => {
    expect(sharesOf('a', 'a', 'a').roomFor('a', never)).toEqual({ isThere: true, instead: null });
    expect(sharesOf('a', 'a', 'a', 'a').roomFor('a', never)).toEqual({ isThere: false, limit: 'ofClient' });
    expect(sharesOf('a', 'a', 'a', 'b', 'b').roomFor('b', never)).toEqual({ isThere: true, instead: null });
    expect(sharesOf('a', 'a', 'a', 'b', 'b', 'b').roomFor('b', never)).toEqual({
      isThere: false,
      limit: 'inAll',
    });
  });

  it('comes from the first spare item of the same client', () => {
    const shares = sharesOf('a', 'a', 'b', 'a', 'a');
    expect(shares.roomFor('a', (item) => item >= 1)).toEqual({ isThere: true, instead: 1 });
    shares.add('a', 1);
    expect(shares.roomFor('a', (item) => item >= 1)).toEqual({ isThere: true, instead: 3 });
  });

  it('comes from a spare item of the client with the most items', () => {
    const shares = sharesOf('a', 'a', 'a', 'b', 'b', 'c');
    expect(shares.roomFor('d', always)).toEqual({ isThere: true, instead: 0 });
    expect(shares.roomFor('d', (item) => item >= 3)).toEqual({ isThere: true, instead: 3 });
    // never from a client with no more items than this one, except its own
    expect(shares.roomFor('c', (item) => item === 5)).toEqual({ isThere: true, instead: 5 });
    expect(shares.roomFor('c', (item) => item === 4)).toEqual({ isThere: true, instead: 4 });
    expect(shares.roomFor('b', (item) => item === 5)).toEqual({ isThere: false, limit: 'inAll' });
    // a client with a spare item of its own is not refused
    expect(shares.roomFor('b', (item) => item === 4)).toEqual({ isThere: true, instead: 4 });
    expect(shares.roomFor('a', (item) => item === 1)).toEqual({ isThere: true, instead: 1 });
  });

  it('comes from an item in use of a client with at least two more items', () => {
    expect(sharesOf('a', 'a', 'a', 'b', 'b', 'b').roomFor('c', never)).toEqual({
      isThere: true,
      instead: 0,
    });
    expect(sharesOf('a', 'b', 'c', 'd', 'e', 'f').roomFor('g', never)).toEqual({
      isThere: false,
      limit: 'inAll',
    });
  });
});

it('no client locks out another, and no limit is exceeded', () => {
  const client = fc.constantFrom('a', 'b', 'c', 'd', 'e');
  fc.assert(
    fc.property(fc.array(fc.tuple(client, fc.boolean()), { maxLength: 60 }), (coming) => {
      const shares = new Shares<{ readonly client: string; readonly isSpare: boolean }>(LIMITS);
      for (const [each, isSpare] of coming) {
        const room = shares.roomFor(each, (item) => item.isSpare);
        if (room.isThere) {
          if (room.instead !== null) shares.delete(room.instead.client, room.instead);
          shares.add(each, { client: each, isSpare });
        } else if (room.limit === 'inAll') {
          // no other client has more than one additional item
          const most = Math.max(...[...'abcde'].map((other) => shares.of(other).size));
          expect(most - shares.of(each).size).toBeLessThanOrEqual(1);
        }
        expect(shares.size).toBe([...shares].length);
        expect(shares.size).toBeLessThanOrEqual(LIMITS.inAll);
        for (const other of 'abcde') expect(shares.of(other).size).toBeLessThanOrEqual(LIMITS.ofClient);
      }
    }),
  );
});
