/** A scenario with changes. */
import { adviceFor } from '../util/suggestion.ts';
import { checkNames } from './check.ts';
import { type Changes, merged } from './merge.ts';
import { defaultRtc, defaultSmoothing } from './presets.ts';
import type { Scenario } from './scenario.ts';
import { type ScenarioName, scenarios } from './scenarios.ts';

/**
 * Changes to a scenario: objects are merged with what is there, lists and numbers take its place. `undefined` keeps what is
 * there.
 */
export type ScenarioOverrides = Changes<Scenario>;

/**
 * Makes a named scenario, or any other, with changes. The same call gives the same values: times in it that are below zero are
 * so many seconds ago, when a mock is asked.
 *
 * @param base - a name, or a scenario to start from; it is not changed
 * @param overrides - objects are merged, lists and numbers replaced; null switches `rtc`, `smoothing` and `clients` off. Default:
 * nothing is changed.
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
  // what is switched off has defaults, for when it is switched on again
  const rtc = overrides.rtc ? (from.rtc ?? defaultRtc()) : from.rtc;
  const smoothing = overrides.smoothing ? (from.smoothing ?? defaultSmoothing()) : from.smoothing;
  const made = merged<Scenario>({ ...from, rtc, smoothing }, overrides, 'scenario()');
  checkNames(made, 'scenario()');
  return made;
}

function named(name: ScenarioName): Scenario {
  if (Object.hasOwn(scenarios, name)) return scenarios[name]();
  throw new RangeError(
    `there is no scenario '${name}'; ${adviceFor(name, Object.keys(scenarios), 'the scenarios are')}`,
  );
}
