/** `/metrics` of a fleet: a few series for each target. */
import type { Fleet } from '../../fleet/fleet.ts';
import type { ClockRow, ClockState } from '../../fleet/row.ts';
import type { Row } from '../../metrics/family.ts';
import { flag } from '../../metrics/family.ts';
import {
  contentTypeOf,
  endText,
  type Format,
  formatFor,
  headText,
  type Metric,
  seriesText,
  textOf,
} from '../../metrics/text.ts';
import type { OwnMetrics } from '../own-metrics.ts';
import { Content, ok, type Reply, type RouteRequest } from '../reply.ts';
import { joined, Recent } from './long-text.ts';

/** All states, in the order of `/metrics`. */
export const STATES = [
  'ok',
  'warning',
  'critical',
  'unknown',
  'pending',
] as const satisfies readonly ClockState[];

/** A metric of each target, like the rows of the other metric tables. Each is a gauge with the label `target`. */
interface TargetMetric extends Pick<Row<ClockRow>, 'name' | 'help'> {
  /** The name and the value of an additional label. */
  readonly label?: readonly [name: string, of: (row: ClockRow) => string];
  /** Null if there is no value. */
  value(row: ClockRow, time: number): number | null;
}

/** The metrics of every target. */
const STATE_METRICS: readonly TargetMetric[] = [
  {
    name: 'fleet_healthy',
    help: '1 if the clock is healthy; 0 in state warning or critical, or if it cannot be judged. No series before the first reply or failure',
    value: ({ state }) => (state === 'pending' ? null : flag(state === 'ok')),
  },
];

/** The metrics of targets that answer. */
const FIGURES: readonly TargetMetric[] = [
  {
    name: 'fleet_max_error_seconds',
    help: 'The error bound of the clock at its last reply',
    value: ({ maxError }) => maxError,
  },
  {
    name: 'fleet_offset_seconds',
    help: 'The remaining correction at the last reply: positive if the clock is slow',
    value: ({ offset }) => offset,
  },
  {
    name: 'fleet_stratum',
    help: 'Hops to a reference clock',
    value: ({ stratum }) => stratum,
  },
  {
    name: 'fleet_measurement_age_seconds',
    help: 'Seconds since the last measurement by which the clock was updated',
    value: ({ measurementAge, heard }, time) =>
      measurementAge === null || heard === null ? null : measurementAge + Math.max(0, time - heard),
  },
  {
    name: 'fleet_selected_source_info',
    help: '1; the source that the clock follows',
    label: ['source', ({ reference }) => reference ?? ''],
    value: ({ reference }) => (reference === null ? null : 1),
  },
];

/** The figures of a target are left out when it has not answered for this many intervals, plus a number of seconds. */
const LATE_INTERVALS = 3;
const LATE_S = 10;

function head(name: string, help: string): string {
  return headText({ name: `chrony_${name}`, help, type: 'gauge' });
}

function* samplesOf(metric: TargetMetric, rows: readonly ClockRow[], time: number): Generator<string> {
  const { name, help, label, value } = metric;
  yield head(name, help);
  for (const row of rows) {
    const number = value(row, time);
    if (number === null || !Number.isFinite(number)) continue;
    const labels = { target: row.address, ...(label && { [label[0]]: label[1](row) }) };
    yield seriesText(`chrony_${name}`, labels, number);
  }
}

function* texts(
  rows: readonly ClockRow[],
  interval: number,
  time: number,
  own: readonly Metric[],
  format: Format,
): Generator<string> {
  yield head(
    'fleet_targets',
    'The number of targets in each state; pending: neither a reply nor a failure yet',
  );
  for (const state of STATES) {
    const number = rows.filter((row) => row.state === state).length;
    yield seriesText('chrony_fleet_targets', { state }, number);
  }
  for (const metric of STATE_METRICS) yield* samplesOf(metric, rows, time);
  const since = time - (LATE_INTERVALS * interval + LATE_S);
  const answering = rows.filter(({ heard }) => heard !== null && heard >= since);
  for (const metric of FIGURES) yield* samplesOf(metric, answering, time);
  for (const metric of own) yield textOf(metric, metric.series, format);
  yield endText(format);
}

export class FleetMetrics {
  readonly #fleet: Fleet;
  readonly #interval: number;
  readonly #own: OwnMetrics;
  readonly #recent = new Recent();

  /**
   * @param interval - the time between two queries of a clock, in seconds
   * @param own - the metrics of this process, which are written, too
   */
  constructor(fleet: Fleet, interval: number, own: OwnMetrics) {
    this.#fleet = fleet;
    this.#interval = interval;
    this.#own = own;
  }

  /** The route of the metrics. */
  reply({ header }: RouteRequest): Promise<Reply> {
    const format = formatFor(header('accept'));
    return this.#recent.get(format, async () => {
      const own = await this.#own.now();
      // a copy: targets that are removed and added meanwhile would have duplicate series
      const rows = [...this.#fleet.rows()];
      const body = await joined(texts(rows, this.#interval, Date.now() / 1000, own, format));
      return ok(new Content(contentTypeOf(format), body));
    });
  }
}
