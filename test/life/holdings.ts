/** What a process holds of the system and of its own emitters: the same before and after, or something leaks. */
import { readdirSync } from 'node:fs';

export interface Holdings {
  readonly descriptors: number;
  readonly listeners: number;
}

export function holdings(): Holdings {
  const listeners = process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0);
  return { descriptors: readdirSync('/proc/self/fd').length, listeners };
}
