/** The report tracking as text and CSV, over all that may be sent, against chronyc on the same replies. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { trackingCsv, trackingText } from '../../src/cli/format/tracking.ts';
import { ChronyConnection } from '../../src/index.ts';
import { encodeReply, type MockChronyd, startMockChronyd } from '../../src/testing/index.ts';
import { CommandLine, chronyc } from './support.ts';
import { type Tracking, tracking } from './tracking-replies.ts';

let values: Tracking = {};
let commandLine: CommandLine;
let mock: MockChronyd;
let connection: ChronyConnection;

beforeAll(async () => {
  mock = await startMockChronyd('synchronised', {
    intercept: (request) => [encodeReply(5, request, values)],
  });
  commandLine = await CommandLine.build();
  connection = await ChronyConnection.open(mock.address);
});
afterAll(async () => {
  await connection?.close();
  await commandLine?.[Symbol.asyncDispose]();
  await mock?.close();
});

async function byChronyc(): Promise<{ text: string; csv: string }> {
  const [text, csv] = await Promise.all([
    chronyc(mock.port, 'tracking'),
    chronyc(mock.port, '-c', 'tracking'),
  ]);
  return { text, csv };
}

/** The functions behind the command, which are faster than the command. */
async function sameFormat(reply: Tracking): Promise<void> {
  values = reply;
  const [record = []] = await connection.getReport('tracking');
  expect({ text: trackingText(record), csv: trackingCsv(record) }).toEqual(await byChronyc());
}

async function sameOutput(reply: Tracking): Promise<void> {
  values = reply;
  const text = await commandLine.print('-h', mock.address, 'tracking');
  const csv = await commandLine.print('-h', mock.address, '-c', 'tracking');
  expect({ text, csv }).toEqual(await byChronyc());
}

it('formats whatever is sent as chronyc does', async () => {
  await fc.assert(fc.asyncProperty(tracking, sameFormat), { numRuns: 250 });
});

it('prints whatever is sent as chronyc does', async () => {
  await fc.assert(fc.asyncProperty(tracking, sameOutput), { numRuns: 8 });
});

/** Odd multiples lie halfway between two results of rounding to 9, 3 and 1 decimals. */
const HALF_NANO = 2 ** -10;
const HALF_MILLI = 2 ** -4;
const HALF_TENTH = 2 ** -2;

it.each([1, 3, 5, 7, 9, 11, 13, 15].flatMap((n) => [n, -n]))('rounds ties as chronyc does: %i', async (n) => {
  await sameFormat({
    'current correction': n * HALF_NANO,
    'last offset': n * HALF_NANO,
    'RMS offset': n * HALF_NANO,
    'frequency offset': n * HALF_MILLI,
    'residual frequency': n * HALF_MILLI,
    skew: n * HALF_MILLI,
    'root delay': n * HALF_NANO,
    'root dispersion': n * HALF_NANO,
    'last update interval': n * HALF_TENTH,
  });
});
