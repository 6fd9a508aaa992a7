import { getEventListeners } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import {
  type Aborter,
  type AbortSignalLike,
  abortable,
  isAbortSignalLike,
  newAborter,
  onAbort,
  reasonOf,
  stoppable,
} from '../../../src/util/abort.ts';

const REASON = new Error('enough');

function listenersOn(signal: AbortSignal): number {
  return getEventListeners(signal, 'abort').length;
}

describe('onAbort', () => {
  it('calls each listener once, in order, and leaves no listener on the signal', () => {
    const controller = new AbortController();
    const called: string[] = [];
    onAbort(controller.signal, () => called.push('first'));
    onAbort(controller.signal, () => called.push('second'));
    expect(called).toEqual([]);
    controller.abort();
    controller.abort();
    expect(called).toEqual(['first', 'second']);
    expect(listenersOn(controller.signal)).toBe(0);
  });

  it('calls the listener at once if the signal has aborted', () => {
    const listener = vi.fn();
    const ignore = onAbort(AbortSignal.abort(), listener);
    expect(listener).toHaveBeenCalledOnce();
    ignore();
    expect(listener).toHaveBeenCalledOnce();
  });

  it('does not call a removed listener, and leaves no listener on the signal', () => {
    const controller = new AbortController();
    const listener = vi.fn();
    const ignore = onAbort(controller.signal, listener);
    ignore();
    ignore();
    expect(listenersOn(controller.signal)).toBe(0);
    controller.abort();
    expect(listener).not.toHaveBeenCalled();
  });

  it('treats a function that was added twice as two listeners', () => {
    const controller = new AbortController();
    const listener = vi.fn();
    const ignore = onAbort(controller.signal, listener);
    onAbort(controller.signal, listener);
    ignore();
    controller.abort();
    expect(listener).toHaveBeenCalledOnce();
  });

  it('calls the other listeners if a removed listener is removed again', () => {
    const controller = new AbortController();
    const ignoreFormer = onAbort(controller.signal, () => {});
    ignoreFormer();
    const listener = vi.fn();
    onAbort(controller.signal, listener);
    ignoreFormer();
    controller.abort();
    expect(listener).toHaveBeenCalledOnce();
  });

  it('does not call a listener that another one has removed', () => {
    const controller = new AbortController();
    const second = vi.fn();
    onAbort(controller.signal, () => ignore());
    const ignore = onAbort(controller.signal, second);
    controller.abort();
    expect(second).not.toHaveBeenCalled();
  });

  it('adds a single listener to the signal, and adds it again after the last one was removed', () => {
    const { signal } = new AbortController();
    const add = vi.spyOn(signal, 'addEventListener');
    const ignores = Array.from({ length: 1000 }, () => onAbort(signal, () => {}));
    expect(listenersOn(signal)).toBe(1);
    expect(add).toHaveBeenCalledOnce();
    for (const ignore of ignores) ignore();
    expect(listenersOn(signal)).toBe(0);
    const ignore = onAbort(signal, () => {});
    expect(listenersOn(signal)).toBe(1);
    ignore();
  });

  it('adds and removes a single listener of the signal for 40 000 listeners, removed in any order', () => {
    const { signal } = new AbortController();
    const add = vi.spyOn(signal, 'addEventListener');
    const remove = vi.spyOn(signal, 'removeEventListener');
    const ignores = Array.from({ length: 40_000 }, () => onAbort(signal, () => {}));
    for (const ignore of ignores.filter((_, i) => i % 2 === 0)) ignore();
    for (const ignore of ignores.toReversed()) ignore();
    expect(add).toHaveBeenCalledOnce();
    expect(remove).toHaveBeenCalledOnce();
    expect(listenersOn(signal)).toBe(0);
  });

  it('calls 40 000 listeners in order, each of which removes itself', () => {
    const controller = new AbortController();
    const add = vi.spyOn(controller.signal, 'addEventListener');
    const called: number[] = [];
    for (let i = 0; i < 40_000; i++) {
      const ignore = onAbort(controller.signal, () => {
        ignore();
        called.push(i);
      });
    }
    controller.abort();
    expect(called).toEqual([...called.keys()]);
    expect(called).toHaveLength(40_000);
    expect(add).toHaveBeenCalledOnce();
    expect(listenersOn(controller.signal)).toBe(0);
  });

  it('calls a listener at once that is added while the others are called', () => {
    const controller = new AbortController();
    const called: string[] = [];
    onAbort(controller.signal, () => {
      onAbort(controller.signal, () => called.push('new'));
      called.push('first');
    });
    onAbort(controller.signal, () => called.push('second'));
    controller.abort();
    expect(called).toEqual(['new', 'first', 'second']);
    expect(listenersOn(controller.signal)).toBe(0);
  });
});

/** A signal like the ones of polyfills: no options, no event, no `this`. */
class Polyfill implements AbortSignalLike {
  aborted = false;
  reason: unknown;
  readonly listeners: (() => void)[] = [];

  addEventListener(_type: 'abort', listener: () => void): void {
    this.listeners.push(listener);
  }

  abort(reason?: unknown): void {
    this.aborted = true;
    this.reason = reason;
    for (const listener of [...this.listeners]) listener();
  }
}

class RemovingPolyfill extends Polyfill {
  removeEventListener(_type: 'abort', listener: () => void): void {
    this.listeners.splice(this.listeners.indexOf(listener), 1);
  }
}

describe('a signal of another implementation', () => {
  it('calls the listeners once, and has no listeners afterwards', () => {
    const signal = new RemovingPolyfill();
    const listener = vi.fn();
    onAbort(signal, listener);
    onAbort(signal, listener);
    onAbort(signal, vi.fn())();
    expect(signal.listeners).toHaveLength(1);
    signal.abort();
    signal.abort();
    expect(listener).toHaveBeenCalledTimes(2);
    expect(signal.listeners).toEqual([]);
  });

  it('that cannot remove listeners gets only one, and never calls a removed one', () => {
    const signal = new Polyfill();
    const removed = vi.fn();
    for (let i = 0; i < 100; i++) onAbort(signal, removed)();
    const listener = vi.fn();
    onAbort(signal, listener);
    expect(signal.listeners).toHaveLength(1);
    signal.abort();
    signal.abort();
    expect(listener).toHaveBeenCalledOnce();
    expect(removed).not.toHaveBeenCalled();
  });

  it('without a reason rejects with an AbortError', async () => {
    const signal = new Polyfill();
    const given = abortable(new Promise(() => {}), signal);
    signal.abort();
    const error = await given.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(DOMException);
    expect(error).toMatchObject({ name: 'AbortError', message: 'This operation was aborted' });
    expect(reasonOf(Object.assign(new Polyfill(), { aborted: true, reason: null }))).toBeNull();
  });

  it('that throws when a listener is added causes no unhandled rejection', async () => {
    const unhandled = vi.fn();
    process.once('unhandledRejection', unhandled);
    const signal: AbortSignalLike = {
      aborted: false,
      addEventListener: () => {
        throw REASON;
      },
    };
    await expect(abortable(Promise.reject(new Error('late')), signal)).rejects.toThrow();
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });

  it.each([null, undefined, 1, 'abort', {}, { aborted: false }, new EventTarget(), new AbortController()])(
    'cannot be %j',
    (value) => {
      expect(isAbortSignalLike(value)).toBe(false);
    },
  );

  it.each([new Polyfill(), new RemovingPolyfill(), newAborter(), AbortSignal.abort()])(
    'can be %o',
    (value) => {
      expect(isAbortSignalLike(value)).toBe(true);
    },
  );
});

describe('Aborter', () => {
  it('calls its listeners once and keeps its first reason', () => {
    const aborter = newAborter();
    const listener = vi.fn();
    const removed = vi.fn();
    onAbort(aborter, listener);
    onAbort(aborter, removed)();
    aborter.abort(REASON);
    aborter.abort('another');
    expect([aborter.aborted, aborter.reason]).toEqual([true, REASON]);
    expect(listener).toHaveBeenCalledOnce();
    expect(removed).not.toHaveBeenCalled();
    const late = vi.fn();
    onAbort(aborter, late);
    expect(late).toHaveBeenCalledOnce();
  });
});

describe('abortable', () => {
  it('returns the promise itself without a signal', () => {
    const promise = Promise.resolve(1);
    expect(abortable(promise, undefined)).toBe(promise);
  });

  it.each([
    ['resolves', () => Promise.resolve('done')],
    ['rejects', () => Promise.reject(REASON)],
  ])('%s like the promise, and leaves no listener on the signal', async (_, make) => {
    const { signal } = new AbortController();
    const [own, given] = await Promise.allSettled([make(), abortable(make(), signal)]);
    expect(given).toEqual(own);
    expect(listenersOn(signal)).toBe(0);
  });

  it.each(['before', 'during'])('rejects with the reason if the signal aborts %s the call', async (when) => {
    const controller = new AbortController();
    if (when === 'before') controller.abort(REASON);
    const given = abortable(new Promise(() => {}), controller.signal);
    controller.abort(REASON);
    await expect(given).rejects.toBe(REASON);
    expect(listenersOn(controller.signal)).toBe(0);
  });

  it('ignores the result of the promise afterwards', async () => {
    const unhandled = vi.fn();
    process.once('unhandledRejection', unhandled);
    const controller = new AbortController();
    let reject = (_: Error): void => {};
    const given = abortable(
      new Promise((_, fail) => {
        reject = fail;
      }),
      controller.signal,
    );
    controller.abort(REASON);
    await expect(given).rejects.toBe(REASON);
    reject(new Error('too late'));
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });
});

describe('stoppable', () => {
  /** Yields once, then waits to be stopped. */
  async function* waiting(stop: Aborter, end: () => void): AsyncGenerator<string, void, undefined> {
    try {
      yield 'first';
      await new Promise<void>((resolve) => stop.addEventListener('abort', () => resolve()));
    } finally {
      end();
    }
  }

  it('ends at once on return(), even during a pause', async () => {
    const stopping = newAborter();
    const end = vi.fn();
    const values = stoppable(waiting(stopping, end), stopping);
    expect(await values.next()).toEqual({ done: false, value: 'first' });
    const next = values.next();
    expect(await values.return()).toEqual({ done: true, value: undefined });
    expect(await next).toEqual({ done: true, value: undefined });
    expect(end).toHaveBeenCalledOnce();
  });

  it('ends on a break, too', async () => {
    const stopping = newAborter();
    const end = vi.fn();
    for await (const _ of stoppable(waiting(stopping, end), stopping)) break;
    expect(stopping.aborted).toBe(true);
    expect(end).toHaveBeenCalledOnce();
  });
});
