/** What a process holds: the same before and after, or something leaks. */
import { readdirSync, readlinkSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type Libchrony, sharedLibchrony } from '../../src/sandbox/instance.ts';

setFlagsFromString('--expose_gc');
const collectGarbage = runInNewContext('gc') as () => void;

export interface Holdings {
  readonly descriptors: number;
  /** Of the process, for signals and the like. */
  readonly listeners: number;
}

/** Of the system, and of its own emitters. */
export function holdings(): Holdings {
  const listeners = process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0);
  return { descriptors: readdirSync('/proc/self/fd').length, listeners };
}

/**
 * What the descriptors of the process lead to: `socket:[…]`, or a path. To count some of them is steadier than to count all,
 * since the runner of the tests opens and closes files at any time.
 */
export function descriptorTargets(): string[] {
  return readdirSync('/proc/self/fd').flatMap((descriptor) => {
    try {
      return [readlinkSync(`/proc/self/fd/${descriptor}`)];
    } catch {
      // closed since they were listed
      return [];
    }
  });
}

/** That, and memory, in bytes, after everything unused is gone. */
export function allHoldings(library: Libchrony = sharedLibchrony()) {
  collectGarbage();
  return {
    ...holdings(),
    sandbox: library.c.memory.buffer.byteLength,
    heap: process.memoryUsage().heapUsed,
  };
}
