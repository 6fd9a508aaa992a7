/** What a pretend chronyd has to say: plain data, from which every reply is made when it is asked for. */
import type {
  Activity,
  DataOf,
  ReportName,
  RtcData,
  ServerStats,
  Smoothing,
  TrackingStatus,
} from '../reports/index.ts';
import { type Faults, noFaults } from './faults.ts';
import { defaultRtc, defaultSmoothing } from './presets.ts';
import { type ScenarioName, scenarios } from './scenarios.ts';
import type { MockSource } from './sources.ts';

/**
 * A pretend chronyd. The data is that of the classes that a client reads it into: the same property names,
 * units and enumerations.
 */
export interface Scenario {
  /** The report `tracking`. */
  readonly tracking: DataOf<TrackingStatus>;
  /** The sources, in the order of their index. */
  readonly sources: readonly MockSource[];
  /** The report `activity`; it need not agree with the sources. */
  readonly activity: DataOf<Activity>;
  /** The report `serverstats`. What {@link serverStatsReply} has no room for is not sent. */
  readonly serverStats: DataOf<ServerStats>;
  /** The report `rtcdata`; null for a chronyd that tracks no real-time clock. */
  readonly rtc: DataOf<RtcData> | null;
  /** The report `smoothing`; null for a chronyd without smoothing. */
  readonly smoothing: DataOf<Smoothing> | null;
  /** The reply code of `serverstats`, the higher the newer the server. */
  readonly serverStatsReply: 14 | 22 | 24 | 25;
  /** The reply code of `ntpdata`: 26 from servers that count timestamps. */
  readonly ntpDataReply: 16 | 26;
  /** How times are sent: servers built with 32-bit times leave out the upper half. */
  readonly timeBits: 32 | 64;
  /** Reports that this client may not ask for. A request that several reports need is refused only if all are. */
  readonly unauthorized: readonly ReportName[];
  /** Reports that this server is too old to know. A request that several reports need is unknown only if all are. */
  readonly unknown: readonly ReportName[];
  /** What goes wrong on the way. */
  readonly faults: Faults;
}

/** Changes to a scenario: objects are merged with what is there, everything else takes its place. */
export type ScenarioOverrides = {
  readonly [K in keyof Scenario]?: Scenario[K] extends readonly unknown[]
    ? Scenario[K]
    : Scenario[K] extends object | null
      ? Partial<NonNullable<Scenario[K]>> | (null extends Scenario[K] ? null : never)
      : Scenario[K];
};

/**
 * A named scenario, or any other, with changes.
 *
 * @param base a name, or a scenario to start from; it is not changed.
 * @param overrides objects are merged one level deep, lists and numbers replaced; null switches `rtc` and
 * `smoothing` off.
 *
 * @example
 * ```ts
 * const far = scenario('synchronised', { tracking: { stratum: 9 }, sources: [ntpSource('192.0.2.7')] });
 * const slow = scenario(far, { faults: { delayMs: 300 } });
 * ```
 */
export function scenario(base: ScenarioName | Scenario, overrides: ScenarioOverrides = {}): Scenario {
  if (typeof base === 'string' && !Object.hasOwn(scenarios, base)) {
    throw new RangeError(
      `there is no scenario '${base}'; the scenarios are: ${Object.keys(scenarios).join(', ')}`,
    );
  }
  const from = typeof base === 'string' ? scenarios[base]() : base;
  const { tracking, activity, serverStats, rtc, smoothing, faults, ...rest } = overrides;
  return {
    ...from,
    ...rest,
    tracking: { ...from.tracking, ...tracking },
    activity: { ...from.activity, ...activity },
    serverStats: { ...from.serverStats, ...serverStats },
    rtc: optionalPart(rtc, from.rtc, defaultRtc),
    smoothing: optionalPart(smoothing, from.smoothing, defaultSmoothing),
    faults: { ...noFaults, ...from.faults, ...faults },
  };
}

function optionalPart<T>(
  override: Partial<T> | null | undefined,
  from: T | null,
  fallback: () => T,
): T | null {
  if (override === undefined) return from;
  return override === null ? null : { ...(from ?? fallback()), ...override };
}
