/**
 * Random and mutated datagrams for sessions of the sandbox. Each is ignored, refused or taken as the oracle expects, and one
 * that is taken gives a valid record or a ChronyDataError. No other error is thrown, and no memory or handle leaks.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { grouped, writeFigures } from '../../support/figures.ts';
import { allHoldings } from '../../support/holdings.ts';
import { captureScripts } from '../native/captures.ts';
import { SandboxPlayer } from '../native/sandbox-player.ts';
import { FuzzPlayer } from './player.ts';
import { DATAGRAMS, IS_LONG, SEED, withSeed } from './run.ts';
import { anyNetwork } from './scripts.ts';
import { Tally } from './tally.ts';

/** The number of scripts per seed. */
const BATCH = 500;

/** All outcomes except the refusals, of which there are many. */
const OUTCOMES = [
  'ignored',
  'refused: no request',
  'the next request could not be sent',
  'taken: an address for the next request',
  'taken: a number of records',
  'taken: no fields',
  'taken: a record',
  'taken: fields that break the rules of their class',
  ...[
    'ChronyPermissionError 9',
    'ChronyDataError 10',
    'ChronyDataError 11',
    'ChronyDataError 12',
    'ChronyDataError 13',
    'ChronyDataError 14',
  ].map((error) => `refused: ${error}`),
];

describe('datagrams for sessions', () => {
  it('are ignored, or give a valid record or a ChronyError', { timeout: 3_600_000 }, async () => {
    const tally = new Tally();
    const player = new FuzzPlayer(tally);
    const script = anyNetwork(await captureScripts(new SandboxPlayer()));
    const play = (seed: number): void => {
      try {
        fc.assert(
          fc.property(script, (each) => player.play(each)),
          { seed, numRuns: BATCH },
        );
      } catch (error) {
        throw withSeed(seed, error);
      }
    };

    let seed = SEED;
    play(seed++);
    const warm = allHoldings(player.library);
    while (tally.total < DATAGRAMS) play(seed++);
    const { heap, ...held } = allHoldings(player.library);
    const { heap: warmHeap, ...before } = warm;
    expect(held).toEqual(before);
    expect(heap - warmHeap).toBeLessThan(8_000_000);
    expect(tally.split.map(([outcome]) => outcome).sort()).toEqual(OUTCOMES.toSorted());
    if (IS_LONG) report(tally, seed - SEED);
  });
});

function report(tally: Tally, batches: number): void {
  const split = tally.split.map(([outcome, count]) => `${grouped(count)} ${outcome}`);
  console.log(`${grouped(tally.total)} datagrams, seeds ${SEED} to ${SEED + batches - 1}:`);
  for (const line of split) console.log(`  ${line}`);
  const sum = (start: string): string =>
    grouped(
      tally.split.filter(([outcome]) => outcome.startsWith(start)).reduce((all, [, count]) => all + count, 0),
    );
  const unasked = grouped(tally.get('refused: no request'));
  writeFigures('fuzz-wasm', [
    {
      what: 'Random and mutated datagrams into the WebAssembly build',
      figure:
        `${grouped(tally.total)}: ${sum('ignored')} ignored, ${unasked} unasked and not taken, ` +
        `${sum('refused: Chrony')} a ChronyError, ${grouped(tally.get('taken: a record'))} a valid record, ` +
        `${grouped(tally.get('taken: fields that break the rules of their class'))} a record with a value out of range ` +
        "(ChronyDataError), the others a step on the way; no other error, no hang; the sandbox's memory, descriptors " +
        'and listeners as before',
      command: 'make fuzz-wasm',
    },
  ]);
}
