/** `/metrics` of a fleet: a few series for each target. Written without a registry, which would take seconds of its own for so many. */
import type { Fleet } from '../../fleet/fleet.ts';
import type { ClockRow, ClockState } from '../../fleet/row.ts';
import type { Row } from '../../metrics/family.ts';
import { flag } from '../../metrics/family.ts';
import { formatFor, registryFor } from '../../metrics/prom-client.ts';
import type { OwnMetrics } from '../own-metrics.ts';
import { Content, ok, type Reply, type RouteRequest } from '../reply.ts';
import { joined, Recent } from './long-text.ts';

/** All states, as `/metrics` counts them. */
export const STATES = [
  'ok',
  'warning',
  'critical',
  'unknown',
  'pending',
] as const satisfies readonly ClockState[];

/** A metric of each target, as rows of other tables of metrics. Each is a gauge with the label `target`. */
interface TargetMetric extends Pick<Row<ClockRow>, 'name' | 'help'> {
  /** The name of another label, and its value. */
  readonly label?: readonly [name: string, of: (row: ClockRow) => string];
  /** Null if there is no value. */
  value(row: ClockRow, time: number): number | null;
}

/** What is known of every target. */
const STATE_METRICS: readonly TargetMetric[] = [
  {
    name: 'fleet_healthy',
    help: '1 if the clock is healthy: not for a warning, for something critical, or while it cannot be judged. No series before the first reply or failure',
    value: ({ state }) => (state === 'pending' ? null : flag(state === 'ok')),
  },
];

/** What is known of the targets that answer. */
const FIGURES: readonly TargetMetric[] = [
  {
    name: 'fleet_max_error_seconds',
    help: 'How far the clock may have been from true time when it answered last',
    value: ({ maxError }) => maxError,
  },
  {
    name: 'fleet_offset_seconds',
    help: 'What was still to be corrected when it answered last: positive if the clock is slow',
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

/** The figures of a target are left out when it has not answered for so many intervals and seconds. */
const LATE_INTERVALS = 3;
const LATE_S = 10;

function escaped(value: string): string {
  return /[\\"\n]/.test(value)
    ? value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
    : value;
}

function head(name: string, help: string): string {
  return `# HELP chrony_${name} ${help}\n# TYPE chrony_${name} gauge\n`;
}

function* samplesOf(metric: TargetMetric, rows: readonly ClockRow[], time: number): Generator<string> {
  const { name, help, label, value } = metric;
  yield head(name, help);
  for (const row of rows) {
    const number = value(row, time);
    if (number === null || !Number.isFinite(number)) continue;
    const more = label === undefined ? '' : `,${label[0]}="${escaped(label[1](row))}"`;
    yield `chrony_${name}{target="${escaped(row.address)}"${more}} ${number}\n`;
  }
}

function* texts(rows: readonly ClockRow[], interval: number, time: number): Generator<string> {
  yield head(
    'fleet_targets',
    'How many targets are in each state; pending: neither a reply nor a failure yet',
  );
  for (const state of STATES) {
    yield `chrony_fleet_targets{state="${state}"} ${rows.filter((row) => row.state === state).length}\n`;
  }
  for (const metric of STATE_METRICS) yield* samplesOf(metric, rows, time);
  const since = time - (LATE_INTERVALS * interval + LATE_S);
  const answering = rows.filter(({ heard }) => heard !== null && heard >= since);
  for (const metric of FIGURES) yield* samplesOf(metric, answering, time);
}

export class FleetMetrics {
  readonly #fleet: Fleet;
  readonly #interval: number;
  readonly #own: OwnMetrics;
  readonly #recent = new Recent();

  /**
   * @param interval - from one request of a clock to the next, in seconds
   * @param own - the metrics of this process, to be written, too
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
      const registry = registryFor(format);
      this.#own.addTo(registry);
      // rows as they are now: targets that come and go meanwhile would have series twice
      const fleet = await joined(texts([...this.#fleet.rows()], this.#interval, Date.now() / 1000));
      // at the end, where OpenMetrics has its end mark
      const own = Buffer.from(await registry.metrics());
      return ok(new Content(registry.contentType, Buffer.concat([fleet, own])));
    });
  }
}
