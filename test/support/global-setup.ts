import { rmSync } from 'node:fs';
import { findChrony } from './chronyc.ts';
import { shared } from './once.ts';

/** Gets the real chronyd once, before the tests run side by side. Each project does so, and they share one folder. */
export default function setup(): () => void {
  findChrony();
  const folder = shared();
  return () => rmSync(folder, { recursive: true, force: true });
}
