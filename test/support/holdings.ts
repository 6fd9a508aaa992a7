/** The resources that a process holds. If they differ before and after, there is a leak. */
import { readdirSync, readlinkSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type Libchrony, sharedLibchrony } from '../../src/sandbox/instance.ts';

setFlagsFromString('--expose_gc');
const collectGarbage = runInNewContext('gc') as () => void;

export interface Holdings {
  readonly descriptors: number;
  /** The number of listeners on `process`, e.g. for signals. */
  readonly listeners: number;
}

/** The open descriptors and the listeners on `process`. */
export function holdings(): Holdings {
  const listeners = process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0);
  return { descriptors: readdirSync('/proc/self/fd').length, listeners };
}

/**
 * The targets of the process's descriptors: `socket:[…]` or a path. Counting only some targets is more reliable than
 * counting all, since the test runner opens and closes files at any time.
 */
export function descriptorTargets(): string[] {
  return readdirSync('/proc/self/fd').flatMap((descriptor) => {
    try {
      return [readlinkSync(`/proc/self/fd/${descriptor}`)];
    } catch {
      // closed since the folder was read
      return [];
    }
  });
}

/** The {@link holdings} and the memory in bytes, after a garbage collection. */
export function allHoldings(library: Libchrony = sharedLibchrony()) {
  collectGarbage();
  return {
    ...holdings(),
    sandbox: library.c.memory.buffer.byteLength,
    heap: process.memoryUsage().heapUsed,
  };
}
