/** A mistyped name is rejected at once: by the compiler where possible, and by an error with a suggestion. */
import { describe, expect, it } from 'vitest';
import * as testing from '../../../src/testing/index.ts';
import {
  makeNtpData,
  makeTracking,
  ntpSource,
  referenceClock,
  type Scenario,
  scenario,
  startMockChronyd,
} from '../../../src/testing/index.ts';

/** The factories, typed here to accept any object. */
const factories = Object.entries(testing).filter(([name]) => name.startsWith('make')) as [
  name: string,
  make: (overrides: object) => object,
][];

describe.each(factories)('%s()', (name, make) => {
  it('rejects an unknown property', () => {
    expect(() => make({ nonsense: 1 })).toThrow(TypeError);
    expect(() => make({ nonsense: 1 })).toThrow(
      `${name}(): unknown property 'nonsense'; the properties are: ${Object.keys(make({})).join(', ')}`,
    );
  });

  it('accepts every property, and keeps the default of undefined ones', () => {
    const made = make({});
    expect(make({ ...made })).toEqual(made);
    expect(make(Object.fromEntries(Object.keys(made).map((key) => [key, undefined])))).toEqual(made);
  });
});

// `@ts-expect-error` is an error itself if the compiler finds none
describe('the compiler also rejects unknown', () => {
  it('properties of factories', () => {
    // @ts-expect-error
    expect(() => makeTracking({ strat: 5 })).toThrow("'strat'; did you mean 'stratum'?");
    // @ts-expect-error
    expect(() => makeTracking({ stratum: 5, offest: 1 })).toThrow("'offest'; did you mean 'offset'?");
    // @ts-expect-error
    expect(() => makeNtpData({ tests: { testd: false } })).toThrow("'tests.testd'; did you mean 'testD'?");
  });

  it('properties of scenarios', () => {
    // @ts-expect-error
    expect(() => scenario('synchronized', { faults: { silnet: true } })).toThrow(
      new TypeError("scenario(): unknown property 'faults.silnet'; did you mean 'silent'?"),
    );
    // @ts-expect-error
    expect(() => scenario('synchronized', { trackin: {} })).toThrow("'trackin'; did you mean 'tracking'?");
    // @ts-expect-error
    expect(() => scenario('synchronized', { rtc: { sample: 1 } })).toThrow(
      "'rtc.sample'; did you mean 'samples'?",
    );
    // @ts-expect-error
    expect(() => scenario('synchronized', { tracking: 5 })).toThrow('tracking takes an object, not 5');
    // @ts-expect-error
    expect(() => scenario('synchronized', { tracking: null })).toThrow('tracking takes an object, not null');
    // @ts-expect-error
    expect(() => scenario('syncronised')).toThrow(
      new RangeError("unknown scenario 'syncronised'; did you mean 'synchronized'?"),
    );
  });

  it('properties of sources', () => {
    // @ts-expect-error
    expect(() => ntpSource('192.0.2.1', { sorce: {} })).toThrow(
      new TypeError("ntpSource(): unknown property 'sorce'; did you mean 'source'?"),
    );
    // @ts-expect-error
    expect(() => ntpSource('192.0.2.1', { stats: { stddev: 1 } })).toThrow(
      "'stats.stddev'; did you mean 'stdDev'?",
    );
    // @ts-expect-error
    expect(() => referenceClock('GPS', { auth: {} })).toThrow(
      "referenceClock(): unknown property 'auth'; the properties are: source, stats, select, name",
    );
  });

  it('options of a mock', async () => {
    // @ts-expect-error
    await expect(startMockChronyd('rtc', { prot: 1 })).rejects.toThrow(
      new TypeError("startMockChronyd(): unknown property 'prot'; did you mean 'port'?"),
    );
  });

  it('names in lists, and values of an enumeration', () => {
    // @ts-expect-error
    expect(() => scenario('rtc', { unknown: ['activty'] })).toThrow(
      new TypeError("scenario(): unknown name 'activty' in unknown; did you mean 'activity'?"),
    );
    // @ts-expect-error
    expect(() => scenario('rtc', { faults: { garbage: 'bdoy' } })).toThrow(
      "unknown value 'bdoy' of faults.garbage; did you mean 'body'?",
    );
    // @ts-expect-error
    expect(() => scenario('rtc', { timeBits: 33 })).toThrow(
      new RangeError('scenario(): timeBits is one of 32, 64, not 33'),
    );
    // @ts-expect-error
    expect(() => scenario('rtc', { serverStatsReply: 15 })).toThrow('one of 14, 22, 24, 25, not 15');
  });
});

it.each([
  [{ loss: 30 }, 'faults.loss must be a number from 0 to 1, not 30'],
  [{ duplicate: -1 }, 'faults.duplicate must be a number from 0 to 1, not -1'],
  [{ delayMs: Number.NaN }, 'faults.delayMs must be a number from 0 to 2147483647, not NaN'],
  [{ truncate: 1.5 }, 'faults.truncate must be a whole number of bytes or null, not 1.5'],
])('rejects %j as out of range', (faults, message) => {
  expect(() => scenario('synchronized', { faults })).toThrow(new RangeError(`scenario(): ${message}`));
});

describe('a scenario that was not created by scenario()', () => {
  const usual = scenario('synchronized');
  const [source] = usual.sources;

  it.each<[what: string, made: object, message: string]>([
    ['a property', { ...usual, source: [] }, "unknown property 'source'; did you mean 'sources'?"],
    [
      'a property of a source',
      { ...usual, sources: [source, { ...source, statss: {} }] },
      "unknown property 'sources[1].statss'; did you mean 'stats'?",
    ],
    [
      'a property of a record of a source',
      { ...usual, sources: [{ ...source, ntp: { stratums: 1 } }] },
      "unknown property 'sources[0].ntp.stratums'; did you mean 'stratum'?",
    ],
    ['a property of a client', { ...usual, clients: [{ adress: '' }] }, "'clients[0].adress'; did you mean"],
    ['a property of a sample', { ...usual, manualSamples: [{ tme: 1 }] }, "'manualSamples[0].tme'; did you"],
    ['a list', { ...usual, sources: null }, 'sources takes an array, not null'],
    ['a part', { ...usual, activity: undefined }, 'activity is missing; make scenarios with scenario()'],
    ['everything', {}, 'tracking is missing; make scenarios with scenario()'],
  ])('is rejected for %s, at the start and later', async (_, made, message) => {
    await expect(startMockChronyd(made as Scenario)).rejects.toThrow(TypeError);
    await expect(startMockChronyd(made as Scenario)).rejects.toThrow(message);
    await using mock = await startMockChronyd();
    expect(() => {
      mock.scenario = made as Scenario;
    }).toThrow(message);
    expect(mock.scenario).toEqual(usual);
  });
});
