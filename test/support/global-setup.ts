import { rmSync } from 'node:fs';
import { findChrony } from './chronyc.ts';
import { share } from './once.ts';

/** Gets the real chronyd once, before the tests run side by side. Returns what is to be done after them. */
export default function setup(): () => void {
  findChrony();
  const folder = share();
  return () => rmSync(folder, { recursive: true, force: true });
}
