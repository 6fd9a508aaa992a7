/** The time as an interval, for a person, for a program that reads lines, and as JSON. */

import { offset } from '../chronyc/units.ts';
import type { BoundedTime } from '../clock/bounded-time.ts';
import { json } from '../util/json.ts';

const MS = 1_000_000n;

/** `2026-11-25T22:36:48.123456789Z` */
function utc(moment: bigint): string {
  // a division of bigints cuts towards zero, and before 1970 that is up
  const rest = ((moment % MS) + MS) % MS;
  const date = new Date(Number((moment - rest) / MS));
  // further than JavaScript's calendar goes
  if (Number.isNaN(date.getTime())) return `${moment}ns`;
  return date.toISOString().replace('Z', `${String(rest).padStart(6, '0')}Z`);
}

/** Half of the interval: a few digits and a unit. */
function halfWidth({ earliest, latest }: BoundedTime): string {
  return offset(Number(latest - earliest) / 2e9).trim();
}

function age({ asOfAgeMs }: BoundedTime): string {
  return offset(asOfAgeMs / 1000).trim();
}

/** @param reason - why the status is as it is */
export function boundedTimeText(time: BoundedTime, reason: string): string {
  const entries = {
    Earliest: utc(time.earliest),
    Latest: utc(time.latest),
    'Half-width': halfWidth(time),
    Status: `${time.status}: ${reason}`,
    Asked: `${age(time)} ago`,
  };
  return Object.entries(entries)
    .map(([name, text]) => `${name.padEnd(16)}: ${text}\n`)
    .join('');
}

export function boundedTimeLine(time: BoundedTime): string {
  return `${utc(time.earliest)} ${utc(time.latest)} ${halfWidth(time)} ${time.status} ${age(time)}\n`;
}

/** Nanoseconds are strings of digits, all of them, as most are more than a number of JSON's readers can hold. */
export function boundedTimeJson(time: BoundedTime, pretty: boolean): string {
  const { earliest, latest, midpoint, errorBoundNs } = time;
  const digits = Object.entries({ earliest, latest, midpoint, errorBoundNs }).map(([name, ns]) => [
    name,
    String(ns),
  ]);
  return json({ ...time, ...Object.fromEntries(digits) }, pretty);
}
