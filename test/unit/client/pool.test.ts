/** Who has a channel, who waits for one, and what becomes of them, with channels that do nothing by themselves. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Channel } from '../../../src/client/channel.ts';
import { ChannelPool, MAX_CHANNELS } from '../../../src/client/pool.ts';

const ENOUGH = new Error('enough');

/** A channel on which all work waits until it is closed. */
class SilentChannel {
  usable = true;
  #end: (reason: unknown) => void = () => {};
  readonly #ending = new Promise<never>((_, reject) => {
    this.#end = reject;
  });

  constructor() {
    this.#ending.catch(() => {});
  }

  static async open(): Promise<Channel> {
    return new SilentChannel() as unknown as Channel;
  }

  close(reason: unknown): void {
    this.usable = false;
    this.#end(reason);
  }

  static work(channel: Channel): Promise<never> {
    return (channel as unknown as SilentChannel).#ending;
  }
}

const pool = (ms = 60_000) => new ChannelPool(SilentChannel.open, { ms, error: () => new Error('no turn') });

/** What a call comes to, or that it is still under way. */
function soon(call: Promise<unknown>): Promise<unknown> {
  return Promise.race([call.catch((error: unknown) => error), sleep(200, 'still under way')]);
}

async function turns(number: number): Promise<void> {
  for (let i = 0; i < number; i++) await Promise.resolve();
}

describe('an abort ends a call at once', () => {
  const moments = Array.from({ length: 20 }, (_, i) => i);

  it.each(moments)('%i turns after it has begun to open a channel', async (moment) => {
    const controller = new AbortController();
    const call = pool().use(controller.signal, SilentChannel.work);
    await turns(moment);
    controller.abort(ENOUGH);
    expect(await soon(call)).toBe(ENOUGH);
  });

  it.each(moments)('%i turns after its turn in the line has come', async (moment) => {
    const channels = pool();
    const first = new AbortController();
    const calls = Array.from({ length: MAX_CHANNELS }, () => channels.use(first.signal, SilentChannel.work));
    const settled = Promise.allSettled(calls);
    const controller = new AbortController();
    const last = channels.use(controller.signal, SilentChannel.work);
    first.abort(new Error('make room'));
    await turns(moment);
    controller.abort(ENOUGH);
    expect(await soon(last)).toBe(ENOUGH);
    await settled;
  });
});

describe("a test's fake timers", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it('do not keep anybody in the line for ever', async () => {
    vi.useFakeTimers();
    const channels = pool(10);
    for (let i = 0; i < MAX_CHANNELS; i++) channels.use(undefined, SilentChannel.work).catch(() => {});
    expect(await soon(channels.use(undefined, SilentChannel.work))).toEqual(new Error('no turn'));
    channels.close(() => ENOUGH);
  });
});
