/** The mock's named scenarios have the same health and the same sources as a real chronyd in the same state. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ChronyConnection, checkHealth, type Health, type HealthThresholds } from '../../../src/index.ts';
import { type ScenarioName, startMockChronyd } from '../../../src/testing/index.ts';
import { Chronyd } from '../../support/chronyd.ts';
import { FakeClock } from '../life/fake-clock.ts';

const ADDRESSES = ['127.0.0.1', '127.0.0.3', '127.0.0.4', '127.0.0.6'] as const;

let servers: readonly Chronyd[];
beforeAll(async () => {
  servers = await Promise.all(
    ADDRESSES.map((address) =>
      Chronyd.start({ serve: true, config: ['local stratum 1', `bindaddress ${address}`] }),
    ),
  );
});
afterAll(async () => {
  await Promise.all(servers?.map((server) => server.stop()) ?? []);
});

/** The lines of chrony.conf for the first `count` servers, with options for all of them and for the last one. */
function follow(count: number, options: string, last = ''): string[] {
  return servers.slice(0, count).map((server, i) => {
    const more = i === count - 1 ? last : '';
    return `server ${ADDRESSES[i]} port ${server.ntpPort} iburst ${options} ${more}`;
  });
}

/** The properties to compare, without numbers that depend on the time, and independent of the order of the sources. */
async function stateOf(address: string, thresholds: HealthThresholds = {}) {
  const chrony = await ChronyConnection.open(address);
  try {
    const tracking = await chrony.getTracking();
    const sources = await chrony.getSources();
    const stats = await chrony.getSourceStats();
    const select = await chrony.getSelectData();
    return {
      health: withoutNumbers(await checkHealth({ address, ...thresholds })),
      tracking: {
        leapStatus: tracking.leapStatus,
        follows: tracking.referenceId !== 0,
        isMeasured: tracking.refTime !== 0,
        hasFrequency: tracking.frequency !== 0,
        rootDelay: tracking.referenceId === 0 ? tracking.rootDelay : null,
        stratum: tracking.stratum === 0,
      },
      sources: sources
        .map(({ state, stratum, reachability, latestMeas }, i) => ({
          state,
          select: select[i]?.state,
          hasStratum: stratum > 0,
          isReachable: reachability > 0,
          // either less than a second or an hour
          offBy: Math.abs(Math.round(latestMeas)),
          samples: (stats[i]?.samples ?? 0) < 2 ? stats[i]?.samples : 'some',
          skew: stats[i]?.skew === 2000 ? 2000 : 'known',
        }))
        .map((source) => JSON.stringify(source))
        .sort(),
    };
  } finally {
    await chrony.close();
  }
}

type State = Awaited<ReturnType<typeof stateOf>>;

function withoutNumbers({ state, reasons, figures }: Health) {
  return {
    state,
    reasons: reasons.map((reason) => reason.replaceAll(/\d+(?:\.\d+)?/g, 'N')),
    sources: figures?.sources,
    reachableSources: figures?.reachableSources,
    selectableSources: figures?.selectableSources,
    falsetickers: figures?.falsetickers,
    isSelected: figures?.selected !== null,
    synchronized: figures?.synchronized,
  };
}

/** Waits until a real chronyd has the state of the scenario. */
async function expectSame(
  name: ScenarioName,
  chronyd: Chronyd,
  thresholds?: HealthThresholds,
): Promise<void> {
  await using mock = await startMockChronyd(name);
  const mocked = await stateOf(mock.address);
  let real: State | undefined;
  await chronyd
    .until(async () => {
      real = await stateOf(chronyd.socketPath, thresholds);
      return JSON.stringify(real) === JSON.stringify(mocked);
    })
    // the assertion below shows the differences
    .catch(() => undefined);
  expect(mocked).toEqual(real);
}

/** Waits until chronyd follows a source and combines all other sources with it. */
const untilCombined = (chronyd: Chronyd): Promise<unknown> =>
  chronyd.until(async () => {
    const { health, sources } = await stateOf(chronyd.socketPath);
    return health.state === 'ok' && sources.every((source) => /"(?:best|combined)".*"known"/.test(source));
  });

/** A limit that lets chronyd combine servers on the loopback, as it does with remote servers. */
const COMBINED = 'combinelimit 1000000';
const SHORT = 'minpoll -2 maxpoll -2';

it('falseticker', async () => {
  await using chronyd = await Chronyd.start({ config: [...follow(4, SHORT, 'offset 0.472'), COMBINED] });
  await expectSame('falseticker', chronyd);
});

it('no selected source', async () => {
  await using chronyd = await Chronyd.start({ config: [...follow(3, SHORT), COMBINED] });
  await untilCombined(chronyd);
  for (const server of servers) server.freeze();
  try {
    await expectSame('no selected source', chronyd);
  } finally {
    for (const server of servers) server.thaw();
  }
});

it('stale', async () => {
  await using chronyd = await Chronyd.start({ config: [...follow(3, 'minpoll 1 maxpoll 1'), COMBINED] });
  await untilCombined(chronyd);
  for (const server of servers) server.freeze();
  try {
    await expectSame('stale', chronyd, { maxAge: 4 });
  } finally {
    for (const server of servers) server.thaw();
  }
});

it('disrupted', async () => {
  using clock = new FakeClock();
  await using chronyd = await Chronyd.start({
    config: [...follow(3, 'minpoll 4 maxpoll 4'), COMBINED],
    env: clock.env,
  });
  await untilCombined(chronyd);
  // the effect of a suspended machine, except on the monotonic clock
  clock.set('-3600');
  await expectSame('disrupted', chronyd);
});

it('synchronized', async () => {
  await using chronyd = await Chronyd.start({ config: [...follow(3, SHORT, 'offset 0.472'), COMBINED] });
  await expectSame('synchronized', chronyd);
});
