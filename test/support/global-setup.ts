import { findChrony } from './chronyc.ts';

/** Gets the real chronyd once, before the tests run side by side. */
export default function setup(): void {
  findChrony();
}
