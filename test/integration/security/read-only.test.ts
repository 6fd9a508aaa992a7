/** The package never sends chronyd a request that would change anything, in any of its methods. */
import { expect, it } from 'vitest';
import { ChronyConnection } from '../../../src/index.ts';
import { startMockChronyd } from '../../../src/testing/index.ts';
import { clientsRequestIn } from '../../../src/testing/requests.ts';
import { Chronyd } from '../../support/chronyd.ts';
import { askForTime } from '../../support/clients.ts';
import { askAll } from '../../support/getters.ts';

/** The codes of the protocol's read-only requests. */
const READ_ONLY: ReadonlySet<number> = new Set([14, 15, 33, 34, 35, 41, 44, 51, 54, 57, 65, 67, 68, 69]);
const CLIENTS = 68;

/** Calls every method of a connection, including for a source that does not exist. */
async function askEverything(chrony: ChronyConnection): Promise<void> {
  await Promise.allSettled(askAll(chrony));
  await Promise.allSettled([
    chrony.getSourceName('192.0.2.10'),
    chrony.getSourceName('ID#0000000001'),
    chrony.getClients({ minimumHits: 2 ** 32 - 1 }),
  ]);
}

it.each(['many sources', 'old server', 'permission denied', 'gps', 'nts'] as const)(
  'every method sends only read-only requests in scenario %s',
  async (scenario) => {
    await using mock = await startMockChronyd(scenario);
    const chrony = await ChronyConnection.open(mock.address);
    await askEverything(chrony);
    await chrony.close();
    expect(mock.requests.length).toBeGreaterThan(20);
    const codes = new Set(mock.requests.map(({ code }) => code));
    expect([...codes].filter((code) => !READ_ONLY.has(code))).toEqual([]);
    expect(codes).toContain(CLIENTS);
    for (const { datagram } of mock.requests) expect([...datagram.slice(0, 2)]).toEqual([6, 1]);
    for (const request of mock.requests.filter(({ code }) => code === CLIENTS)) {
      expect(clientsRequestIn(request)).toMatchObject({ numberClients: 8, reset: 0 });
    }
  },
);

it('leaves the sources, the clients and the manual list of chronyd unchanged', async () => {
  await using chronyd = await Chronyd.start({
    serve: true,
    config: [
      'manual',
      'server 127.0.0.2 port 9 offline',
      'server localhost port 9 offline prefer',
      'refclock SOCK {dir}/gps.sock refid GPS noselect',
    ],
  });
  for (let i = 1; i <= 20; i++) await askForTime(chronyd, `127.0.1.${i}`, i);
  const time = new Date().toISOString();
  await chronyd.chronyc([`settime ${time.slice(0, 10)} ${time.slice(11, 19)}`]);
  /** The state that commands can change; for each client, the numbers of its requests and drops. */
  const state = async (): Promise<string[]> => {
    const clients = (await chronyd.chronyc(['clients'])).split('\n').map((line) => line.split(','));
    const reports = ['activity', 'manual list', 'sources', 'selectdata', 'authdata', 'ntpdata', 'smoothing'];
    // chronyc fails for a report that is disabled
    const others = reports.map((report) =>
      chronyd.chronyc([report]).catch((error: unknown) => String(error)),
    );
    return [...(await Promise.all(others)), ...clients.map((columns) => columns.slice(0, 3).join()).sort()];
  };
  const before = await state();
  expect(before).toContain('127.0.1.20,20,0');
  const chrony = await ChronyConnection.open(chronyd.socketPath);
  for (let i = 0; i < 3; i++) await askEverything(chrony);
  expect(await chrony.getClients()).toHaveLength(20);
  await chrony.close();
  expect(await state()).toEqual(before);
});
