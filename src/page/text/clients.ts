/** The clients of chronyd as text. */
import { readableInterval } from '../../chronyc/values.ts';

/** How often a client sends requests: `every 64 s`, `4 a second`. @param rate - per second, 0 if it is not known */
export function rateText(rate: number): string {
  if (rate === 0) return 'not known';
  return rate > 1
    ? `${Number(rate.toPrecision(2))} a second`
    : `every ${readableInterval(Math.round(1 / rate))}`;
}

/** A number of things: `1 client`, `23 clients`. */
export function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`;
}
