/** Points in time: as chronyc prints them, or by the reader's own clock. */
import { utcTime } from '../../chronyc/time.ts';

/** `Thu Jan 01 00:00:00 1970`, in UTC. */
export function utc(secondsSinceEpoch: number): string {
  return utcTime({ seconds: BigInt(Math.floor(secondsSinceEpoch)), nanoseconds: 0 });
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

/** `12:03:04`, where the reader is. */
export function timeOfDay(secondsSinceEpoch: number, withSeconds = true): string {
  const date = new Date(secondsSinceEpoch * 1000);
  const parts = [date.getHours(), date.getMinutes(), ...(withSeconds ? [date.getSeconds()] : [])];
  return parts.map(two).join(':');
}
