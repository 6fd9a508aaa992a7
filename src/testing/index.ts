/**
 * Tools to test code that queries chronyd: a mock chronyd on a real socket (UDP or Unix) with named scenarios, and
 * factories of the data classes.
 *
 * @module
 */

export {
  makeActivity,
  makeAuthData,
  makeClientAccess,
  makeManualSample,
  makeNtpData,
  makeRtcData,
  makeSelectData,
  makeServerStats,
  makeSmoothing,
  makeSource,
  makeSourceName,
  makeSourceStats,
  makeTracking,
  type Overrides,
} from './factories.ts';
export type { Delivery, Faults } from './faults.ts';
export { nearestFloat } from './float.ts';
export {
  type Intercept,
  type MockChronyd,
  type MockChronydOptions,
  type MockRequest,
  startMockChronyd,
} from './mock-chronyd.ts';
export { type ScenarioOverrides, scenario } from './overrides.ts';
export type { Scenario } from './scenario.ts';
export { type ScenarioName, scenarioNames } from './scenarios.ts';
export { type MockSource, type MockSourceOverrides, ntpSource, referenceClock } from './sources.ts';
export { testTime } from './times.ts';
