/** Makes a scenario with overrides. */
import { adviceFor } from '../util/suggestion.ts';
import { checkNames } from './check.ts';
import { type Changes, merged } from './merge.ts';
import { defaultRtc, defaultSmoothing } from './presets.ts';
import type { Scenario } from './scenario.ts';
import { type ScenarioName, scenarios } from './scenarios.ts';

/**
 * Overrides for a scenario: objects are merged, lists and numbers are replaced. `undefined` keeps the value.
 */
export type ScenarioOverrides = Changes<Scenario>;

/**
 * Makes a scenario from a named one or from another scenario, with overrides. The same call gives the same values:
 * negative times are relative, and the mock adds the present when it replies.
 *
 * @param base - a name, or a scenario to start from, which is not modified
 * @param overrides - objects are merged, lists and numbers are replaced; null switches `rtc`, `smoothing` or
 * `clients` off; default none
 * @throws RangeError for a name that does not exist, or a value out of range; TypeError for a property or a name that does not
 * exist.
 *
 * @example
 * ```js
 * import { ntpSource, scenario } from 'chrony-wasm/testing';
 *
 * const far = scenario('synchronized', { tracking: { stratum: 9 }, sources: [ntpSource('192.0.2.7')] });
 * const slow = scenario(far, { faults: { delayMs: 300 } });
 * console.log(slow.tracking.stratum, slow.faults.delayMs); // 9 300
 * ```
 */
export function scenario(base: ScenarioName | Scenario, overrides: ScenarioOverrides = {}): Scenario {
  const from = typeof base === 'string' ? named(base) : base;
  // a report that is off in the base starts from its defaults when it is switched on
  const rtc = overrides.rtc ? (from.rtc ?? defaultRtc()) : from.rtc;
  const smoothing = overrides.smoothing ? (from.smoothing ?? defaultSmoothing()) : from.smoothing;
  const made = merged<Scenario>({ ...from, rtc, smoothing }, overrides, 'scenario()');
  checkNames(made, 'scenario()');
  return made;
}

function named(name: ScenarioName): Scenario {
  if (Object.hasOwn(scenarios, name)) return scenarios[name]();
  throw new RangeError(
    `unknown scenario '${name}'; ${adviceFor(name, Object.keys(scenarios), 'the scenarios are')}`,
  );
}
