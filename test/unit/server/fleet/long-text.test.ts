/** Long replies, which are written in steps between other work, and shared. */
import { setImmediate } from 'node:timers';
import { describe, expect, it } from 'vitest';
import { joined, Recent } from '../../../../src/server/fleet/long-text.ts';
import { ok, plainText, type Reply } from '../../../../src/server/reply.ts';

describe('joined', () => {
  it('joins all parts in order', async () => {
    const parts = Array.from({ length: 1000 }, (_, i) => `${i}é\n`);
    expect((await joined(parts)).toString()).toBe(parts.join(''));
    expect((await joined([])).length).toBe(0);
  });

  it('lets other work run in between', async () => {
    let turns = 0;
    let isWritten = false;
    const count = (): void => {
      if (isWritten) return;
      turns++;
      setImmediate(count);
    };
    count();
    let ms = 0;
    /** Each part takes a millisecond. */
    const parts = (function* () {
      for (; ms < 1000; ms++) yield 'text';
    })();
    await joined(parts, () => ms);
    isWritten = true;
    expect(turns).toBeGreaterThan(3);
  });
});

describe('Recent', () => {
  const reply = (text: string): Reply => ok(plainText(text));

  it('creates one reply for concurrent requests and for the ones immediately after', async () => {
    const recent = new Recent();
    let made = 0;
    const make = async (): Promise<Reply> => reply(String(++made));
    const replies = await Promise.all([recent.get('a', make), recent.get('a', make)]);
    replies.push(await recent.get('a', make));
    expect(new Set(replies).size).toBe(1);
    expect(made).toBe(1);
    await recent.get('b', make);
    expect(made).toBe(2);
  });

  it('creates replies one after the other and continues after a failure', async () => {
    const recent = new Recent();
    let running = 0;
    const make = async (): Promise<Reply> => {
      expect(++running).toBe(1);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
      return reply('made');
    };
    const failed = recent.get('bad', () => Promise.reject(new Error('it failed')));
    const others = Promise.all(Array.from({ length: 10 }, (_, i) => recent.get(String(i), make)));
    await expect(failed).rejects.toThrow('it failed');
    expect((await others).length).toBe(10);
  });
});
