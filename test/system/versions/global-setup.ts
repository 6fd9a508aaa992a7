import { findChrony } from '../../support/chronyc.ts';
import { SUITES } from './suites.ts';

/** Fetches every version once, before the tests run in parallel. */
export default function setup(): void {
  for (const suite of Object.keys(SUITES)) findChrony(suite);
}
