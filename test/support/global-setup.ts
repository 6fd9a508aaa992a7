import { rmSync } from 'node:fs';
import { findChrony } from './chronyc.ts';
import { shared } from './once.ts';

/** Fetches the real chronyd once, before the tests run in parallel. Every project calls this; all share one folder. */
export default function setup(): () => void {
  findChrony();
  const folder = shared();
  return () => rmSync(folder, { recursive: true, force: true });
}
