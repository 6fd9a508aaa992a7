/** What a process and a sandbox hold, after everything unused is gone. */
import { readdirSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Libchrony } from '../../src/libchrony.ts';

setFlagsFromString('--expose_gc');
const collectGarbage = runInNewContext('gc') as () => void;

export function holdings(library: Libchrony) {
  collectGarbage();
  return {
    descriptors: readdirSync('/proc/self/fd').length,
    listeners: process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0),
    sandbox: library.c.memory.buffer.byteLength,
    heap: process.memoryUsage().heapUsed,
  };
}
