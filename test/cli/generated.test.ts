/** Every report as text and CSV, over all that may be sent, against chronyc on the same replies. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  encodeReply,
  type MockChronyd,
  type MockRequest,
  startMockChronyd,
} from '../../src/testing/index.ts';
import { asPrintedBy } from '../support/differences.ts';
import { sourceReply } from './raw-sources.ts';
import { type SingleReply, singleReplies } from './single-replies.ts';
import { type SourceReplies, sourceReplies } from './source-replies.ts';
import { CHRONYC_VERSION, CommandLine, chronyc, printedItsWay } from './support.ts';

/** Each runs chronyc hundreds of times, which may take a busy machine minutes. */
vi.setConfig({ testTimeout: 240_000 });

/** What the mock answers with just now. */
let answer: (request: MockRequest) => readonly Uint8Array[] | null = () => null;
let mock: MockChronyd;

beforeAll(async () => {
  mock = await startMockChronyd('synchronised', { intercept: (request) => answer(request) });
});
afterAll(() => mock?.close());

/** Compares the functions behind the command, which are faster than the command. */
async function sameAs(...args: readonly string[]): Promise<void> {
  const [ours, theirs] = await Promise.all([
    printedItsWay(mock.address, ...args),
    chronyc(mock.port, ...args),
  ]);
  expect(ours, args.join(' ')).toBe(theirs);
}

async function sameSingle(report: string, reply: SingleReply): Promise<void> {
  answer = (request) => [reply.encode(request)];
  await sameAs(report);
  await sameAs('-c', report);
}

it.each(Object.entries(singleReplies))(
  `%s: formats all that is sent as chronyc ${CHRONYC_VERSION} does`,
  async (name, any) => {
    await fc.assert(
      fc.asyncProperty(any, (reply) => sameSingle(name, reply)),
      { numRuns: 60 },
    );
  },
);

async function sameSources(sources: readonly SourceReplies[]): Promise<void> {
  answer = (request) => sourceReply(request, sources);
  for (const report of ['sources', 'sourcestats', 'selectdata', 'authdata']) {
    await sameAs(report);
    await sameAs(report, '-a');
    await sameAs('-c', report, '-a');
  }
  await sameAs('ntpdata');
  await sameAs('-c', 'ntpdata');
}

it(`formats all sources that are sent as chronyc ${CHRONYC_VERSION} does`, async () => {
  await fc.assert(fc.asyncProperty(sourceReplies, sameSources), { numRuns: 30 });
});

describe('the executable', () => {
  let commandLine: CommandLine;
  beforeAll(async () => {
    commandLine = await CommandLine.build();
  });

  it.each(['sources', 'sourcestats', 'selectdata', 'authdata', 'ntpdata'])(
    '%s: prints what is sent as chronyc does',
    async (report) => {
      const same = async (sources: readonly SourceReplies[]): Promise<void> => {
        answer = (request) => sourceReply(request, sources);
        for (const args of [[report], ['-c', report]]) {
          const ours = await commandLine.print('-h', mock.address, ...args);
          expect(asPrintedBy(CHRONYC_VERSION, args, ours)).toBe(await chronyc(mock.port, ...args));
        }
      };
      await fc.assert(fc.asyncProperty(sourceReplies, same), { numRuns: 2 });
    },
  );

  it.each(Object.entries(singleReplies))('%s: prints what is sent as chronyc does', async (report, any) => {
    const same = async (reply: SingleReply): Promise<void> => {
      answer = (request) => [reply.encode(request)];
      for (const args of [[report], ['-c', report]]) {
        const ours = await commandLine.print('-h', mock.address, ...args);
        expect(asPrintedBy(CHRONYC_VERSION, args, ours)).toBe(await chronyc(mock.port, ...args));
      }
    };
    await fc.assert(fc.asyncProperty(any, same), { numRuns: 2 });
  });
});

/** Odd multiples lie halfway between two results of rounding to 9, 3 and 1 decimals. */
const HALF_NANO = 2 ** -10;
const HALF_MILLI = 2 ** -4;
const HALF_TENTH = 2 ** -2;

it.each([1, 3, 5, 7, 9, 11, 13, 15].flatMap((n) => [n, -n]))('rounds ties as chronyc does: %i', async (n) => {
  const values = {
    'current correction': n * HALF_NANO,
    'last offset': n * HALF_NANO,
    'RMS offset': n * HALF_NANO,
    'frequency offset': n * HALF_MILLI,
    'residual frequency': n * HALF_MILLI,
    skew: n * HALF_MILLI,
    'root delay': n * HALF_NANO,
    'root dispersion': n * HALF_NANO,
    'last update interval': n * HALF_TENTH,
  };
  await sameSingle('tracking', { values, encode: (to) => encodeReply(5, to, values) });
});
