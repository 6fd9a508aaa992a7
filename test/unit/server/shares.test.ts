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

describe('room for one more', () => {
  it('is there up to the limit of a client, and in all', () => {
    expect(sharesOf('a', 'a', 'a').roomFor('a', never)).toEqual({ isThere: true, instead: null });
    expect(sharesOf('a', 'a', 'a', 'a').roomFor('a', never)).toEqual({ isThere: false, limit: 'ofClient' });
    expect(sharesOf('a', 'a', 'a', 'b', 'b').roomFor('b', never)).toEqual({ isThere: true, instead: null });
    expect(sharesOf('a', 'a', 'a', 'b', 'b', 'b').roomFor('b', never)).toEqual({
      isThere: false,
      limit: 'inAll',
    });
  });

  it('is made by the first spare one of the client itself', () => {
    const shares = sharesOf('a', 'a', 'b', 'a', 'a');
    expect(shares.roomFor('a', (item) => item >= 1)).toEqual({ isThere: true, instead: 1 });
    shares.add('a', 1);
    expect(shares.roomFor('a', (item) => item >= 1)).toEqual({ isThere: true, instead: 3 });
  });

  it('is made by a spare one of the client that has most', () => {
    const shares = sharesOf('a', 'a', 'a', 'b', 'b', 'c');
    expect(shares.roomFor('d', always)).toEqual({ isThere: true, instead: 0 });
    expect(shares.roomFor('d', (item) => item >= 3)).toEqual({ isThere: true, instead: 3 });
    // never by one of a client that has no more, but its own
    expect(shares.roomFor('c', (item) => item === 5)).toEqual({ isThere: true, instead: 5 });
    expect(shares.roomFor('c', (item) => item === 4)).toEqual({ isThere: true, instead: 4 });
    expect(shares.roomFor('b', (item) => item === 5)).toEqual({ isThere: false, limit: 'inAll' });
    // nor is a client refused that has a spare one itself
    expect(shares.roomFor('b', (item) => item === 4)).toEqual({ isThere: true, instead: 4 });
    expect(shares.roomFor('a', (item) => item === 1)).toEqual({ isThere: true, instead: 1 });
  });

  it('is made by one in use, of a client that has at least two more', () => {
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

it('one client never keeps another out, and no limit is ever passed', () => {
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
          // then nobody has much more
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
