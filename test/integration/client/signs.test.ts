/** The documented table of signs matches the reports of a real chronyd for a slow and for a fast clock. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ChronyConnection } from '../../../src/index.ts';
import { Chronyd } from '../../support/chronyd.ts';
import { FedClock } from '../../support/fed-clock.ts';
import { NtpServer } from '../clock/ntp-server.ts';
import { TrueTime } from '../clock/true-time.ts';

/** The error of the clock. It exceeds the measurement errors even on a loaded machine. */
const WRONG_MS = 250;
/** The drift of the clock, in the same direction. */
const DRIFT_PPM = 2000;

type Signs = Readonly<Record<string, number>>;

/** The documented sign of each property for a slow clock. */
function documentedSigns(): Signs {
  const readme = readFileSync('src/README.md', 'utf8');
  const [, section = ''] = /\n### Signs\n([\s\S]*?)\n##/.exec(readme) ?? [];
  const rows = section.split('\n').map((line) => line.split('|').map((cell) => cell.trim()));
  return Object.fromEntries(
    rows.flatMap(([, properties = '', , sign = '']) =>
      sign === '+' || sign === '−'
        ? Array.from(properties.matchAll(/`([\w.]+)`/g), ([, name]) => [name, sign === '+' ? 1 : -1])
        : [],
    ),
  );
}

const signsOf = (values: Readonly<Record<string, number | undefined>>): Signs =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Math.sign(value ?? 0)]));

/** The signs of a wrong source, while two reference clocks agree with the system clock. */
async function ofSource(server: NtpServer): Promise<Signs> {
  const refclock = 'minsamples 4 poll -2 filter 1 delay 0.001';
  await using chronyd = await Chronyd.start({
    config: [
      `server ${server.address} port ${server.port} iburst minpoll -4 maxpoll -4 minsamples 8 offline`,
      `refclock SOCK {dir}/a.sock refid A ${refclock}`,
      `refclock SOCK {dir}/b.sock refid B ${refclock}`,
    ],
  });
  using _a = await FedClock.start(join(chronyd.dir, 'a.sock'), 0);
  using _b = await FedClock.start(join(chronyd.dir, 'b.sock'), 0);
  await using chrony = await ChronyConnection.open(chronyd.socketPath);
  // if the wrong source were selected first, the correction by it would distort the measurements
  await chronyd.untilSynchronized();
  await expect
    .poll(async () => (await chrony.getSources()).filter(({ state }) => /^(?:un)?select/.test(state)), {
      timeout: 60_000,
    })
    .toHaveLength(2);
  await chronyd.chronyc(['online']);
  const ofServer = <Item extends { readonly address: string }>(items: readonly Item[]): Item | undefined =>
    items.find(({ address }) => address === server.address);
  await expect
    .poll(async () => ofServer(await chrony.getSources())?.state, { timeout: 60_000 })
    .toBe('falseticker');
  // waits until the measured drift exceeds its error
  await expect
    .poll(async () => Math.abs(ofServer(await chrony.getSourceStats())?.residFreq ?? 0), { timeout: 60_000 })
    .toBeGreaterThan(DRIFT_PPM / 2);
  const source = ofServer(await chrony.getSources());
  const stats = ofServer(await chrony.getSourceStats());
  const limits = ofServer(await chrony.getSelectData());
  const [packet] = await chrony.getNtpData();
  return signsOf({
    'Source.latestMeas': source?.latestMeas,
    'Source.origLatestMeas': source?.origLatestMeas,
    'SourceStats.offset': stats?.offset,
    'SourceStats.residFreq': stats?.residFreq,
    'SelectData.lowLimit': limits?.lowLimit,
    'SelectData.highLimit': limits?.highLimit,
    'NtpData.offset': packet?.offset,
  });
}

/** The signs of the clock while chronyd follows a source with the true time. */
async function ofFollowedClock(server: NtpServer): Promise<Signs> {
  await using chronyd = await Chronyd.start({
    config: [`server ${server.address} port ${server.port} iburst minpoll -4 maxpoll -4`],
  });
  await using chrony = await ChronyConnection.open(chronyd.socketPath);
  await expect
    .poll(async () => Math.abs((await chrony.getTracking()).frequency), { timeout: 60_000 })
    .toBeGreaterThan(DRIFT_PPM / 2);
  const { offset, frequency } = await chrony.getTracking();
  return signsOf({ 'TrackingStatus.offset': offset, 'TrackingStatus.frequency': frequency });
}

/** The signs after the true time was entered manually. */
async function ofManualTime(slowSeconds: number): Promise<Signs> {
  await using chronyd = await Chronyd.start({ config: ['manual', 'local stratum 1'] });
  await using chrony = await ChronyConnection.open(chronyd.socketPath);
  const time = new Date(Date.now() + slowSeconds * 1000).toISOString();
  await chronyd.chronyc([`settime ${time.slice(0, 10)} ${time.slice(11, 19)}`]);
  const [sample] = await chrony.getManualList();
  const { lastOffset } = await chrony.getTracking();
  return signsOf({
    'TrackingStatus.lastOffset': lastOffset,
    'ManualSample.originalOffset': sample?.originalOffset,
  });
}

/** The offset in seconds that chronyd adds to the served time, measured by an NTP request. */
async function addedToServedTime(chronyd: Chronyd, chrony: ChronyConnection): Promise<number> {
  const socket = createSocket('udp4');
  try {
    const request = Buffer.alloc(48);
    request[0] = 0x23;
    const sent = Date.now() / 1000;
    socket.send(request, chronyd.ntpPort, '127.0.0.1');
    const [reply] = (await once(socket, 'message')) as [Buffer];
    const received = Date.now() / 1000;
    const served = reply.readUInt32BE(40) - 2_208_988_800 + reply.readUInt32BE(44) / 2 ** 32;
    return served - (sent + received) / 2 - (await chrony.getTracking()).offset;
  } finally {
    socket.close();
  }
}

/** The signs while chronyd smooths the correction of a wrong clock. */
async function ofSmoothing(slowSeconds: number): Promise<Signs> {
  await using chronyd = await Chronyd.start({
    serve: true,
    config: [
      'refclock SOCK {dir}/clock.sock refid GPS poll -2 filter 1 delay 0.001 minsamples 4 maxsamples 4',
      'smoothtime 400 0.001',
    ],
  });
  await using chrony = await ChronyConnection.open(chronyd.socketPath);
  const path = join(chronyd.dir, 'clock.sock');
  {
    using _right = await FedClock.start(path, 0);
    await expect.poll(async () => (await chrony.getSmoothing())?.active, { timeout: 60_000 }).toBe(true);
  }
  using _wrong = await FedClock.start(path, slowSeconds);
  const enough = Math.abs(slowSeconds) / 2;
  await expect
    .poll(async () => Math.abs((await chrony.getSmoothing())?.offset ?? 0), { timeout: 60_000 })
    .toBeGreaterThan(enough);
  const added = await addedToServedTime(chronyd, chrony);
  const smoothing = await chrony.getSmoothing();
  expect(Math.abs(added)).toBeGreaterThan(enough / 2);
  expect(Math.sign(smoothing?.offset ?? 0)).toBe(Math.sign(added));
  return signsOf({ 'Smoothing.offset': smoothing?.offset, 'Smoothing.frequency': smoothing?.frequency });
}

describe.each([
  ['slow', 1],
  ['fast', -1],
])('a %s clock', (_, slow) => {
  it('has the signs that src/README.md documents', async () => {
    await using server = await NtpServer.start(new TrueTime(slow * WRONG_MS));
    await server.drift(slow * DRIFT_PPM);
    const measured = {
      ...(await ofSource(server)),
      ...(await ofFollowedClock(server)),
      ...(await ofManualTime(slow * 100)),
      ...(await ofSmoothing((slow * WRONG_MS) / 1000)),
    };
    const documented = Object.entries(documentedSigns()).map(([name, sign]) => [name, sign * slow]);
    expect(measured).toEqual(Object.fromEntries(documented));
  });
});
