/** Points in time as chronyc prints them. */
import type { Timespec } from '../reports/report-field.ts';

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

function two(value: number): string {
  return String(value).padStart(2, '0');
}

/** `Thu Jan 01 00:00:00 1970`, in UTC. */
export function utcTime({ seconds }: Timespec): string {
  const date = new Date(Number(seconds) * 1000);
  // further than JavaScript's calendar goes
  if (Number.isNaN(date.getTime())) return `${seconds} s since the epoch`;
  const clock = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(two).join(':');
  const day = `${DAYS[date.getUTCDay()]} ${MONTHS[date.getUTCMonth()]} ${two(date.getUTCDate())}`;
  return `${day} ${clock} ${date.getUTCFullYear()}`;
}

/** Seconds since the epoch with nine decimals. */
export function csvTime({ seconds, nanoseconds }: Timespec): string {
  return `${seconds}.${String(nanoseconds).padStart(9, '0')}`;
}
