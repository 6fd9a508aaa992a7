/** The removal of a socket's files when the process ends or can end. */
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { type Closable, closeAtExit, closed } from '../../../../src/socket/unix/cleanup.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The number of listeners on each event that can end the process. */
function listeners(): number[] {
  return ['exit', ...SIGNALS].map((event) => process.listenerCount(event));
}

class Files implements Closable {
  readonly close = vi.fn();
  readonly retire = vi.fn();

  constructor() {
    closeAtExit(this);
    onTestFinished(() => closed(this));
  }
}

afterEach(() => {
  vi.restoreAllMocks();
});

it('has one listener per event, only while there are files to remove', () => {
  const before = listeners();
  const [one, other] = [new Files(), new Files()];
  expect(listeners()).toEqual(before.map((count) => count + 1));
  closed(one);
  expect(listeners()).toEqual(before.map((count) => count + 1));
  closed(other);
  closed(other);
  expect(listeners()).toEqual(before);
});

it('removes everything when the process exits', () => {
  const [one, other, gone] = [new Files(), new Files(), new Files()];
  closed(gone);
  const cleanUp = process.listeners('exit').at(-1) as () => void;
  cleanUp();
  expect(one.close).toHaveBeenCalledOnce();
  expect(other.close).toHaveBeenCalledOnce();
  expect(gone.close).not.toHaveBeenCalled();
});

describe.each(SIGNALS)('%s', (signal) => {
  it('ends the process as by default if there are no other listeners', () => {
    expect(process.listenerCount(signal)).toBe(0);
    const files = new Files();
    const heard: string[] = [];
    files.close.mockImplementation(() => heard.push('closed'));
    vi.spyOn(process, 'kill').mockImplementation((pid, sent) => {
      heard.push(`${pid === process.pid} ${String(sent)} with ${process.listenerCount(signal)} listeners`);
      return true;
    });
    process.emit(signal, signal);
    expect(heard).toEqual(['closed', `true ${signal} with 0 listeners`]);
  });

  it('is left to other listeners: idle sockets are removed, and the own listener is hidden meanwhile', async () => {
    const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
    const files = new Files();
    let counted = 0;
    const listener = (): void => {
      counted = process.listenerCount(signal);
    };
    process.on(signal, listener);
    onTestFinished(() => void process.off(signal, listener));
    process.emit(signal, signal);
    expect(counted).toBe(1);
    expect(files.retire).toHaveBeenCalledOnce();
    expect(files.close).not.toHaveBeenCalled();
    expect(kill).not.toHaveBeenCalled();
    expect(process.listenerCount(signal)).toBe(1);
    await turn();
    // the first listener again, so that it can detect listeners added with once()
    expect(process.listeners(signal)).toHaveLength(2);
    expect(process.listeners(signal)[1]).toBe(listener);
  });

  it('has no listener afterwards if all idle sockets were removed', async () => {
    const files = new Files();
    files.retire.mockImplementation(() => closed(files));
    const listener = (): void => {};
    process.on(signal, listener);
    onTestFinished(() => void process.off(signal, listener));
    process.emit(signal, signal);
    await turn();
    expect(process.listeners(signal)).toEqual([listener]);
  });

  it('ends the process if only other copies of this package listen, of any version: the last one ends it', () => {
    const copy = Object.assign(() => {}, { [Symbol.for('chrony-wasm: ends by default')]: true });
    process.on(signal, copy);
    onTestFinished(() => void process.off(signal, copy));
    const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
    const files = new Files();
    files.close.mockImplementation(() => closed(files));
    process.emit(signal, signal);
    expect(files.close).toHaveBeenCalledOnce();
    expect(process.listeners(signal)).toEqual([copy]);
    expect(kill).not.toHaveBeenCalled();
    process.off(signal, copy);
    new Files();
    process.emit(signal, signal);
    expect(kill).toHaveBeenCalledExactlyOnceWith(process.pid, signal);
  });

  it('is left to a listener that was added with once()', () => {
    const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
    const files = new Files();
    process.once(signal, () => {});
    process.emit(signal, signal);
    expect(kill).not.toHaveBeenCalled();
    expect(files.retire).toHaveBeenCalledOnce();
  });
});
