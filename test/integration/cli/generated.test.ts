/** Every report as text and CSV, for generated replies, compared with the output of chronyc for the same replies. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MockChronyd, type MockRequest, startMockChronyd } from '../../../src/testing/index.ts';
import { encodeReply } from '../../../src/testing/reply.ts';
import { installedChronyc } from '../../support/chronyc.ts';
import { asPrintedBy } from '../../support/differences.ts';
import { printedBy } from '../../support/every-way.ts';
import { sourceReply } from './raw-sources.ts';
import { type SingleReply, singleReplies } from './single-replies.ts';
import { type SourceReplies, sourceReplies } from './source-replies.ts';
import { CHRONYC_VERSION, CommandLine, chronyc, printedLikeChronyc } from './support.ts';

/** The mock's current reply to a request. */
let answer: (request: MockRequest) => readonly Uint8Array[] | null = () => null;
let mock: MockChronyd;

beforeAll(async () => {
  mock = await startMockChronyd('synchronized', { intercept: (request) => answer(request) });
});
afterAll(() => mock?.close());

/**
 * Compares the output of both. To save time, it calls the functions behind the command line in this process, and runs
 * chronyc once for all commands.
 */
async function expectSame(commands: readonly (readonly string[])[]): Promise<void> {
  const ours: string[] = [];
  for (const command of commands) ours.push(await printedLikeChronyc(mock.address, ...command));
  expect(ours.join('')).toBe(await printedBy(installedChronyc(), mock.port, commands));
}

/** Requests the report once per reply, so that each reply is printed in turn. */
async function sameSingles(report: string, replies: readonly SingleReply[]): Promise<void> {
  for (const command of [[report], ['-c', report]]) {
    let turn = 0;
    answer = (request) => [replies[turn++ % replies.length]?.encode(request) ?? new Uint8Array()];
    await expectSame(replies.map(() => command));
  }
}

it.each(Object.entries(singleReplies))(
  `%s: formats any reply as chronyc ${CHRONYC_VERSION} does`,
  async (name, any) => {
    const some = fc.array(any, { minLength: 10, maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(some, (replies) => sameSingles(name, replies)),
      { numRuns: 10 },
    );
  },
);

async function sameSources(sources: readonly SourceReplies[]): Promise<void> {
  answer = (request) => sourceReply(request, sources);
  const reports = ['sources', 'sourcestats', 'selectdata', 'authdata'];
  await expectSame([...reports.flatMap((report) => [[report], [report, '-a']]), ['ntpdata']]);
  await expectSame([...reports.map((report) => ['-c', report, '-a']), ['-c', 'ntpdata']]);
}

it(`formats any sources as chronyc ${CHRONYC_VERSION} does`, async () => {
  await fc.assert(fc.asyncProperty(sourceReplies, sameSources), { numRuns: 30 });
});

describe('the executable', () => {
  let commandLine: CommandLine;
  beforeAll(async () => {
    commandLine = await CommandLine.build();
  });

  it.each(['sources', 'sourcestats', 'selectdata', 'authdata', 'ntpdata'])(
    '%s: prints any reply as chronyc does',
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

  it.each(Object.entries(singleReplies))('%s: prints any reply as chronyc does', async (report, any) => {
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

it('rounds ties as chronyc does', async () => {
  const ties = [1, 3, 5, 7, 9, 11, 13, 15]
    .flatMap((n) => [n, -n])
    .map((n) => ({
      'current correction': n * HALF_NANO,
      'last offset': n * HALF_NANO,
      'RMS offset': n * HALF_NANO,
      'frequency offset': n * HALF_MILLI,
      'residual frequency': n * HALF_MILLI,
      skew: n * HALF_MILLI,
      'root delay': n * HALF_NANO,
      'root dispersion': n * HALF_NANO,
      'last update interval': n * HALF_TENTH,
    }));
  await sameSingles(
    'tracking',
    ties.map((values) => ({ values, encode: (to) => encodeReply(5, to, values) })),
  );
});
