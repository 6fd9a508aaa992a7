import { findChrony } from '../../support/chronyc.ts';
import { SUITES } from './suites.ts';

/** Gets every version once, before the tests run side by side. */
export default function setup(): void {
  for (const suite of Object.keys(SUITES)) findChrony(suite);
}
