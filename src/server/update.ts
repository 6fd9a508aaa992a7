/** A survey as the page wants it. */

import { type Health, type HealthThresholds, judgeHealth } from 'chrony-wasm';
import type { Survey } from '#metrics';
import { healthOfFailure } from '../health/failure.ts';
import type { Failure, Point, Update } from './messages.ts';

/** How healthy the clock is: it takes `tracking` and `sources` to tell. */
export function healthOf({ reports }: Survey, thresholds: HealthThresholds): Health {
  const { tracking, sources } = reports;
  if (tracking?.value && sources?.value) return judgeHealth(tracking.value, sources.value, thresholds);
  const error = tracking?.error ?? sources?.error;
  if (error) return healthOfFailure(error);
  const missing = (['tracking', 'sources'] as const).filter((name) => !(name in reports)).join(' and ');
  const reason = `the server does not ask for ${missing}; start it with --reports and ${missing} among others`;
  return { state: 'unknown', reasons: [reason], figures: null };
}

function pointOf({ time, reports }: Survey, { figures }: Health): Point {
  const tracking = reports.tracking?.value;
  return [time, tracking?.offset ?? null, tracking?.frequency ?? null, figures?.maxError ?? null];
}

export type Circumstances = Pick<Update, 'interval' | 'chronyd' | 'host' | 'version'>;

export function updateOf(survey: Survey, thresholds: HealthThresholds, where: Circumstances): Update {
  const health = healthOf(survey, thresholds);
  const outcomes = Object.entries(survey.reports);
  const values = outcomes.filter(([, { error }]) => error === null).map(([name, { value }]) => [name, value]);
  const failures = outcomes.flatMap(([name, { error }]): [string, Failure][] =>
    error === null ? [] : [[name, { code: error.code, message: error.message }]],
  );
  return {
    ...where,
    time: survey.time,
    health,
    reports: Object.fromEntries(values),
    failures: Object.fromEntries(failures),
    point: pointOf(survey, health),
  };
}
