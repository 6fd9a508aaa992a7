/**
 * The states of chronyd that ntpcheck and Checkmk's chrony check distinguish, and the expected health. Real chronyd
 * processes are brought into each state. Mocks have the states that cannot be produced on a machine.
 *
 * ntpcheck (facebook/time) checks for: no system peer, leap indicator 3 or a leap second, the offset of the peer, the
 * correction, packet tests, reach. Checkmk checks for: no daemon, no reference, the stratum, the offset, the age of the
 * last synchronization.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkHealth, type Health, type HealthState, type HealthThresholds } from '../../../src/index.ts';
import {
  type MockSourceOverrides,
  ntpSource,
  type Scenario,
  scenario,
  startMockChronyd,
} from '../../../src/testing/index.ts';
import { installedChronyc } from '../../support/chronyc.ts';
import { Chronyd } from '../../support/chronyd.ts';
import { NtsIdentity } from '../../support/nts.ts';
import { freePort } from '../../support/ports.ts';

/** The expected health in a state. */
interface Verdict {
  readonly state: HealthState;
  /** The first reason; omitted if the state is ok. */
  readonly reason?: string | RegExp;
}

const OK: Verdict = { state: 'ok' };

function matches(
  { state, reasons: [first = ''] }: Health,
  { state: expected, reason = '' }: Verdict,
): boolean {
  return state === expected && (reason instanceof RegExp ? reason.test(first) : first.includes(reason));
}

function expectVerdict(health: Health, verdict: Verdict): void {
  expect(matches(health, verdict), `not ${verdict.state} ${verdict.reason}: ${JSON.stringify(health)}`).toBe(
    true,
  );
}

const SHORT = 'iburst minpoll -2 maxpoll -1';
/** Polled at an interval that is long enough to observe the time between two measurements. */
const LONG = 'iburst minpoll 4 maxpoll 4';

let first: Chronyd;
let second: Chronyd;
let high: Chronyd;
let identity: NtsIdentity;
let nts: Chronyd;
let ntsPort: number;

beforeAll(async () => {
  identity = new NtsIdentity();
  ntsPort = await freePort();
  const serve = { serve: true } as const;
  [first, second, high, nts] = await Promise.all([
    Chronyd.start({ ...serve, config: ['local stratum 1'] }),
    Chronyd.start({ ...serve, config: ['local stratum 1', 'bindaddress 127.0.0.3'] }),
    Chronyd.start({ ...serve, config: ['local stratum 12', 'bindaddress 127.0.0.4'] }),
    Chronyd.start({ ...serve, config: ['local stratum 1', ...identity.server(ntsPort)] }),
  ]);
});
afterAll(async () => {
  await Promise.all([first, second, high, nts].map((chronyd) => chronyd?.stop()));
  identity?.[Symbol.dispose]();
});

/** Lines such as `server 127.0.0.1 port N`, for two servers with the correct time and one of stratum 12. */
const A = (options = SHORT): string => `server 127.0.0.1 port ${first.ntpPort} ${options}`;
const B = (options = SHORT): string => `server 127.0.0.3 port ${second.ntpPort} ${options}`;
const HIGH = (options = SHORT): string => `server 127.0.0.4 port ${high.ntpPort} ${options}`;
const SILENT = (options = ''): string => `server 127.0.0.5 port 9 ${options}`;
const NTS = (): string =>
  `server 127.0.0.1 port ${nts.ntpPort} nts ntsport ${ntsPort} iburst minpoll 0 maxpoll 0`;

/** Brings a running chronyd into a state. The state is reached when the health is as expected, and must persist. */
type Change = (chronyd: Chronyd) => Promise<unknown>;

interface Case {
  readonly config: () => readonly string[];
  /** The state to wait for before {@link change}. Default: `synchronized`. */
  readonly before?: 'nothing' | 'synchronized';
  readonly change?: Change;
  readonly thresholds?: HealthThresholds;
  readonly verdict: Verdict;
  /** The expected health over UDP, where it differs because fewer reports are available. */
  readonly udp?: Verdict;
  /** Undoes a change that affects more than this chronyd. */
  readonly undo?: () => void;
}

const command =
  (...words: readonly string[]): Change =>
  (chronyd) =>
    chronyd.chronyc(words);

/** Waits until chronyd follows a source and has a skew so small that its error grows by less than 1 ms per second. */
const untilSettled: Change = (chronyd) =>
  chronyd.until(async () => {
    const { state, figures } = await checkHealth(chronyd.socketPath);
    return state === 'ok' && (figures?.skew ?? Number.POSITIVE_INFINITY) < 1000;
  });

/** Waits until the first burst is over and the next measurement is seconds away. */
const untilBetweenMeasurements: Change = (chronyd) =>
  chronyd.until(async () => {
    const lines = (await chronyd.chronyc(['sources'])).trim().split('\n');
    return lines.every((line) => ['3', '4', '5', '6'].includes(line.split(',')[6] ?? ''));
  });

/** Waits until the last `polls` bits of the first source's reach register are 0, which means as many missed polls. */
const untilMissed =
  (polls: number): Change =>
  async (chronyd) => {
    const mask = 2 ** polls - 1;
    await chronyd.until(async () => {
      const [source = ''] = (await chronyd.chronyc(['sources'])).split('\n');
      const reach = Number.parseInt(source.split(',')[5] ?? '', 8);
      return reach > 0 && (reach & mask) === 0;
    });
  };

const NONE = 'no source is selected: ';
const UNSYNCHRONIZED = 'not synchronized: ';

const CASES: Readonly<Record<string, Case>> = {
  'follows a source': { config: () => [A()], verdict: OK },
  'follows one of two sources while the other does not answer': {
    config: () => [A(), SILENT()],
    verdict: OK,
  },
  'has a source with the option noselect': { config: () => [A(), B('noselect')], verdict: OK },
  'prefers a source': { config: () => [A('prefer'), B()], verdict: OK },
  'has just started': {
    config: () => [SILENT()],
    before: 'nothing',
    verdict: { state: 'critical', reason: `${UNSYNCHRONIZED}does not follow its only source (none answers` },
  },
  'has no sources': {
    config: () => [],
    before: 'nothing',
    verdict: { state: 'critical', reason: `${UNSYNCHRONIZED}follows none of 0 sources (add sources` },
  },

  // no system peer
  'has lost its majority: fewer sources than minsources': {
    config: () => [A(), B(), 'minsources 2'],
    change: command('delete', '127.0.0.3'),
    verdict: {
      state: 'critical',
      reason: `${NONE}1 of 1 source selectable (too few are selectable: add sources`,
    },
    udp: { state: 'critical', reason: `${NONE}1 of 1 source selectable (chronyc selectdata, over the Unix` },
  },
  'has never had a majority: fewer sources than minsources': {
    config: () => [A(), 'minsources 2', B('noselect')],
    before: 'nothing',
    verdict: {
      state: 'critical',
      reason: `${UNSYNCHRONIZED}follows none of 2 sources (too few are selectable`,
    },
    udp: {
      state: 'critical',
      reason: `${UNSYNCHRONIZED}follows none of 2 sources (chronyc selectdata, over`,
    },
  },
  'has lost all of its sources': {
    config: () => [A()],
    change: command('delete', '127.0.0.1'),
    verdict: { state: 'critical', reason: `${NONE}0 of 0 sources selectable (add sources to chrony.conf)` },
  },
  'has been set offline': {
    config: () => [A(), B()],
    change: async (chronyd) => {
      await chronyd.chronyc(['offline']);
      await chronyd.until(
        async () => (await checkHealth(chronyd.socketPath)).figures?.reachableSources === 0,
      );
      // while offline, chronyd does not poll, and would otherwise keep the selected source
      await chronyd.chronyc(['reselect']);
    },
    verdict: {
      state: 'critical',
      reason: `${NONE}0 of 2 sources selectable (none answers: chronyc activity`,
    },
  },
  'its server has stopped': {
    config: () => [A()],
    change: async () => first.freeze(),
    undo: () => first.thaw(),
    verdict: { state: 'critical', reason: `${NONE}0 of 1 source selectable (none answers` },
  },
  'local is set, and it has lost its source': {
    config: () => [A(), 'local stratum 10'],
    change: command('delete', '127.0.0.1'),
    thresholds: { allowLocal: true },
    verdict: { state: 'critical', reason: `${NONE}0 of 0 sources selectable` },
  },
  'no majority agrees': {
    config: () => [A(), B('iburst minpoll -2 maxpoll -1 offset 5')],
    before: 'nothing',
    verdict: {
      state: 'critical',
      reason: /2 sources, 2 of them falsetickers \(no majority agrees: add sources/,
    },
  },
  'sources are too far away': {
    config: () => [A(), B(), 'maxdistance 0.0000001'],
    before: 'nothing',
    verdict: {
      state: 'critical',
      reason: /2 sources \(the root distance is too large: .* raise maxdistance/,
    },
    udp: { state: 'critical', reason: /2 sources \(chronyc selectdata, over the Unix socket/ },
  },
  'measurements vary too much': {
    config: () => [A(), B(), 'maxjitter 0.0000000001'],
    before: 'nothing',
    verdict: { state: 'critical', reason: /2 sources \(measurements vary too much: .* raise maxjitter/ },
    udp: { state: 'critical', reason: /2 sources \(chronyc selectdata, over the Unix socket/ },
  },
  'no source may be selected': {
    config: () => [A('noselect')],
    before: 'nothing',
    verdict: { state: 'critical', reason: /its only source \(option noselect/ },
    udp: { state: 'critical', reason: /its only source \(chronyc selectdata, over the Unix socket/ },
  },
  'a required source is missing': {
    config: () => [A(), B(), SILENT('require')],
    before: 'nothing',
    verdict: { state: 'critical', reason: /3 sources \(too few are selectable: .* require in chrony.conf/ },
    udp: { state: 'critical', reason: /3 sources \(chronyc selectdata, over the Unix socket/ },
  },
  'is in local mode': {
    config: () => ['local stratum 5'],
    before: 'nothing',
    verdict: { state: 'critical', reason: 'in local mode (7F7F0101)' },
  },
  'is in local mode, which is allowed': {
    config: () => ['local stratum 5'],
    before: 'nothing',
    thresholds: { allowLocal: true },
    verdict: OK,
  },
  'is an orphan': {
    // since 4.7, chronyd waits for five minutes by default
    config: () => [
      HIGH(),
      `local stratum 10 orphan${installedChronyc().isSince('4.7') ? ' waitunsynced 1' : ''}`,
    ],
    before: 'nothing',
    verdict: { state: 'critical', reason: 'in local mode (7F7F0101)' },
  },

  // short interruptions
  'a poll or two were missed': {
    config: () => [A()],
    change: async (chronyd) => {
      first.freeze();
      await untilMissed(2)(chronyd);
    },
    undo: () => first.thaw(),
    verdict: OK,
  },
  'waits for the next measurement after the command reselect': {
    config: () => [A(LONG)],
    change: async (chronyd) => {
      await untilBetweenMeasurements(chronyd);
      await chronyd.chronyc(['reselect']);
    },
    verdict: OK,
    udp: {
      state: 'warning',
      reason: `${NONE}1 of 1 source selectable (it may be waiting for the next measurement`,
    },
  },

  // reachable and selectable sources
  'one of two sources does not answer, and both are required': {
    config: () => [A(), SILENT()],
    thresholds: { minSources: 2 },
    verdict: { state: 'warning', reason: '1 of 2 sources reachable, fewer than 2 (check the servers' },
  },
  'one of three sources is wrong, and all are required': {
    config: () => [A(), B(), HIGH('iburst minpoll -2 maxpoll -1 offset 5')],
    thresholds: { minSelectable: 3 },
    verdict: { state: 'warning', reason: '2 of 3 sources selectable, fewer than 3 (chronyc selectdata' },
  },
  'one of three sources is wrong': {
    config: () => [A(), B(), HIGH('iburst minpoll -2 maxpoll -1 offset 5')],
    thresholds: { minSources: 3, minSelectable: 2 },
    verdict: OK,
  },

  // figures
  'the stratum is high': {
    config: () => [HIGH()],
    thresholds: { maxStratum: 10 },
    verdict: { state: 'warning', reason: 'stratum 13, above 10' },
  },
  'the last measurement is old': {
    config: () => [A()],
    thresholds: { maxAge: 2 },
    change: async () => first.freeze(),
    undo: () => first.thaw(),
    verdict: { state: 'warning', reason: /^last measured \d+(\.\d+)? s ago, more than 2 s \(check that/ },
  },
  'the skew is above the limit': {
    config: () => [A()],
    thresholds: { maxSkew: 0 },
    verdict: { state: 'warning', reason: /^skew [\d.]+ ppm, more than 0 ppm/ },
  },
  'the error is above the critical limit, without a warning limit': {
    config: () => [A()],
    thresholds: { maxError: { critical: 1e-9 } },
    verdict: { state: 'critical', reason: /^may be 0.\d+ s from true time, more than 0.000000001 s/ },
  },
  'the error is below the critical limit, without a warning limit': {
    config: () => [A()],
    thresholds: { maxError: { critical: 0.01 } },
    verdict: OK,
  },

  // Network Time Security
  'there are NTS cookies': {
    config: () => [NTS(), ...identity.client()],
    thresholds: { minCookies: 8 },
    verdict: OK,
  },
  'NTS cookies run out': {
    config: () => [NTS(), ...identity.client()],
    change: async () => nts.freeze(),
    undo: () => nts.thaw(),
    verdict: {
      state: 'warning',
      reason: /^[0-2] NTS cookies? left for 127.0.0.1, fewer than 3 \(check that/,
    },
    udp: OK,
  },
};

/** All reasons: reasons why chronyd is not synchronized come before reasons about NTS. */
async function reasonsOf(chronyd: Chronyd): Promise<string> {
  return (await checkHealth(chronyd.socketPath)).reasons.join('; ');
}

describe('a real chronyd', () => {
  it.each(Object.entries(CASES))('%s', async (_, each) => {
    const { config, before = 'synchronized', change, thresholds, verdict, udp = verdict, undo } = each;
    await using chronyd = await Chronyd.start({ config: config() });
    const at = (address: string): Promise<Health> => checkHealth({ address, ...thresholds });
    try {
      if (before === 'synchronized') {
        await untilSettled(chronyd);
      }
      await change?.(chronyd);
      let socket = await at(chronyd.socketPath);
      let remote = await at(chronyd.address);
      // the state ok is expected at once
      if (verdict !== OK) {
        await chronyd
          .until(async () => {
            [socket, remote] = await Promise.all([at(chronyd.socketPath), at(chronyd.address)]);
            return matches(socket, verdict) && matches(remote, udp);
          })
          .catch(() => undefined);
      }
      expectVerdict(socket, verdict);
      expectVerdict(remote, udp);
    } finally {
      undo?.();
    }
  });

  it('selects another source when the selected one is removed', async () => {
    await using chronyd = await Chronyd.start({ config: [A(LONG), B(LONG)] });
    await untilSettled(chronyd);
    await untilBetweenMeasurements(chronyd);
    const { figures } = await checkHealth(chronyd.socketPath);
    await chronyd.chronyc(['delete', String(figures?.selected)]);
    expectVerdict(await checkHealth(chronyd.socketPath), OK);
    // newer versions select it at once, older ones with the next measurement
    const states: HealthState[] = [];
    await chronyd.until(async () => {
      states.push((await checkHealth(chronyd.address)).state);
      return states.at(-1) === 'ok';
    });
    expect(states).not.toContain('critical');
  });

  it('has no NTS cookies if key establishment fails', async () => {
    // the certificate is not trusted
    await using chronyd = await Chronyd.start({ config: [NTS()] });
    await chronyd.until(async () => / 1 attempt at key/.test(await reasonsOf(chronyd)));
    const { state, reasons } = await checkHealth(chronyd.socketPath);
    expect(state).toBe('critical');
    expect(reasons).toContainEqual(
      expect.stringMatching(/^0 NTS cookies left for 127.0.0.1, .* 1 attempt .*certificate and port 4460\)$/),
    );
  });
});

function withTracking(tracking: Partial<Scenario['tracking']>, source: MockSourceOverrides = {}): Scenario {
  const { tracking: usual } = scenario('synchronized');
  return scenario('synchronized', {
    tracking: { ...usual, ...tracking },
    sources: [
      ntpSource('192.0.2.1', {
        ...source,
        source: { state: 'selected', ...source.source },
        select: { state: 'best', ...source.select },
      }),
    ],
  });
}

const ago = (seconds: number): number => Date.now() / 1000 - seconds;
const NTS_AUTH = { mode: 'NTS', keyType: 'AEAD-AES-SIV-CMAC-256', keyLength: 256 } as const;

const CRAFTED: readonly [string, () => Scenario, HealthThresholds, Verdict][] = [
  ['all is well', () => withTracking({}), {}, OK],
  [
    'leap indicator 3',
    () => withTracking({ leapStatus: 'not synchronized' }),
    {},
    { state: 'critical', reason: 'not synchronized' },
  ],
  [
    'a leap second',
    () => withTracking({ leapStatus: 'insert second' }),
    {},
    { state: 'warning', reason: 'Bulletin C' },
  ],
  [
    'stratum 16',
    () => withTracking({ stratum: 16 }),
    {},
    { state: 'critical', reason: 'the stratum of its source' },
  ],
  [
    'an offset of 300 ms, limits of 200 and 500 ms',
    () => withTracking({ offset: -0.3 }),
    { offset: { warning: 0.2, critical: 0.5 } },
    { state: 'warning', reason: 'may be 0.31' },
  ],
  [
    'an offset of 600 ms',
    () => withTracking({ offset: 0.6 }),
    {},
    { state: 'critical', reason: /chronyc makestep/ },
  ],
  [
    'a distant reference clock',
    () => withTracking({ rootDelay: 2 }),
    {},
    { state: 'critical', reason: /use nearer sources/ },
  ],
  [
    'a large dispersion, as after a long silence',
    () => withTracking({ rootDispersion: 2 }),
    {},
    { state: 'critical', reason: /its sources answer/ },
  ],
  ['measured 1020 s ago', () => withTracking({ refTime: ago(1020) }), {}, OK],
  [
    'measured 1100 s ago',
    () => withTracking({ refTime: ago(1100) }),
    {},
    { state: 'warning', reason: /^last measured 1100(\.\d+)? s ago, more than 1025 s/ },
  ],
  [
    'measured 3000 s ago, polled every 1024 s',
    () => withTracking({ refTime: ago(3000) }, { source: { poll: 10 } }),
    {},
    OK,
  ],
  [
    'measured 4200 s ago, polled every 1024 s',
    () => withTracking({ refTime: ago(4200) }, { source: { poll: 10 } }),
    {},
    { state: 'warning', reason: /more than 4096 s/ },
  ],
  [
    'measured a year ago',
    () => withTracking({ refTime: ago(4e7) }),
    {},
    { state: 'critical', reason: /more than a year/ },
  ],
  [
    'reference time 0',
    () => withTracking({ refTime: 0 }),
    {},
    { state: 'critical', reason: 'the reference time is 0' },
  ],
  [
    'reference time in the future',
    () => withTracking({ refTime: ago(-3600) }),
    {},
    { state: 'critical', reason: /^the reference time is 3\d{3}\.\d+ s in the future/ },
  ],
  ['one of eight polls answered', () => withTracking({}, { source: { reachability: 0o200 } }), {}, OK],
  [
    'still selected, though it does not answer',
    () => withTracking({}, { source: { reachability: 0 } }),
    {},
    { state: 'warning', reason: '0 of 1 source reachable, fewer than 1' },
  ],
  [
    'two NTS cookies',
    () => withTracking({}, { auth: { ...NTS_AUTH, cookies: 2 } }),
    {},
    { state: 'warning', reason: '2 NTS cookies left for 192.0.2.1, fewer than 3' },
  ],
  ['six NTS cookies', () => withTracking({}, { auth: { ...NTS_AUTH, cookies: 6 } }), {}, OK],
  [
    'two NTS cookies, without permission for the report',
    () =>
      scenario(withTracking({}, { auth: { ...NTS_AUTH, cookies: 2 } }), {
        unauthorized: ['authdata', 'selectdata'],
      }),
    {},
    OK,
  ],
  ['permission for four reports only', () => scenario('permission denied'), {}, OK],
  ['an old server', () => scenario('old server'), {}, OK],
];

describe('a mock chronyd', () => {
  it.each(CRAFTED)('%s', async (_, make, thresholds, verdict) => {
    await using mock = await startMockChronyd(make());
    expectVerdict(await checkHealth({ address: mock.address, ...thresholds }), verdict);
  });

  it('that selects another source during the query is queried again', async () => {
    const sources = (state: 'selected' | 'selectable') => [ntpSource('192.0.2.1', { source: { state } })];
    const before = scenario('synchronized', { sources: sources('selectable') });
    let requests = 0;
    await using mock = await startMockChronyd(before, {
      intercept: ({ code }) => {
        // the second request for tracking
        if (code === 33 && ++requests === 2)
          mock.scenario = scenario(before, { sources: sources('selected') });
        return undefined;
      },
    });
    expect(await checkHealth(mock.address)).toMatchObject({
      state: 'ok',
      figures: { selected: '192.0.2.1' },
    });
    // the third request determines the drift that chronyd allows for
    expect(requests).toBe(3);
    expect((await checkHealth(mock.address)).state).toBe('ok');
    expect(requests, 'one request fewer if the reports agree').toBe(5);
  });

  it('receives the requests for all reports at the same time', async () => {
    const delayMs = 150;
    const { sources, faults } = scenario('synchronized');
    const slow = scenario('synchronized', { sources: sources.slice(0, 1), faults: { ...faults, delayMs } });
    await using mock = await startMockChronyd(slow);
    await checkHealth(mock.address);
    const first = mock.requests[0]?.time ?? Number.NaN;
    const early = mock.requests.filter(({ time }) => time - first < delayMs / 2).map(({ code }) => code);
    // tracking, and the number of sources for the three other reports
    expect(early.toSorted()).toEqual([14, 14, 14, 33]);
  });
});
