/** A scenario with changes. */
import { noFaults } from './faults.ts';
import { defaultRtc, defaultSmoothing } from './presets.ts';
import type { Scenario } from './scenario.ts';
import { type ScenarioName, scenarios } from './scenarios.ts';

/** Changes to a scenario: objects are merged with what is there, everything else takes its place. */
export type ScenarioOverrides = {
  readonly [K in keyof Scenario]?: NonNullable<Scenario[K]> extends readonly unknown[]
    ? Scenario[K]
    : Scenario[K] extends object | null
      ? Partial<NonNullable<Scenario[K]>> | (null extends Scenario[K] ? null : never)
      : Scenario[K];
};

/**
 * A named scenario, or any other, with changes.
 *
 * @param base a name, or a scenario to start from; it is not changed.
 * @param overrides objects are merged one level deep, lists and numbers replaced; null switches `rtc`,
 * `smoothing` and `clients` off.
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
