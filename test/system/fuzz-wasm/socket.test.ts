/** Hostile datagrams over a real socket for whole connections: each call soon gives valid records or a ChronyError. */
import { expect, it } from 'vitest';
import { ChronyConnection, ChronyError } from '../../../src/index.ts';
import type { ReportField } from '../../../src/reports/report-field.ts';
import { grouped, writeFigures } from '../../support/figures.ts';
import { askAll } from '../../support/getters.ts';
import { allHoldings } from '../../support/holdings.ts';
import { HostileMock } from './mock.ts';
import { expectValidField, expectValidRecord } from './oracle.ts';
import { IS_LONG, SEED, SOCKET_DATAGRAMS, withSeed } from './run.ts';
import { Tally } from './tally.ts';

/** Calls queue while their connection fails, so this is many times the longest single call. */
const HANG_MS = 30_000;

/** The outcome of a call. @throws anything that is neither a valid record nor a ChronyError */
async function outcomeOf(call: Promise<unknown>): Promise<string> {
  let hangs: NodeJS.Timeout | undefined;
  const guard = new Promise((_, reject) => {
    hangs = setTimeout(() => reject(new Error(`no outcome in ${HANG_MS} ms`)), HANG_MS);
  });
  try {
    const value = await Promise.race([call, guard]);
    for (const record of Array.isArray(value) ? value : [value]) expectValid(record);
    return 'answered';
  } catch (error) {
    if (error instanceof ChronyError) return error.name;
    throw error;
  } finally {
    clearTimeout(hangs);
  }
}

function expectValid(record: object | ReportField[] | null): void {
  if (Array.isArray(record)) for (const field of record) expectValidField(field);
  else if (record !== null) expectValidRecord(record);
}

it('every call of a connection gives valid records or a ChronyError', {
  timeout: 3_600_000,
}, async () => {
  const tally = new Tally();
  await using hostile = await HostileMock.start(SEED);
  const options = { address: hostile.mock.address, timeoutMs: 40, retries: 1 };
  const round = async (): Promise<void> => {
    await using chrony = await ChronyConnection.open(options);
    const outcomes = await Promise.all(askAll(chrony).map(outcomeOf));
    for (const outcome of outcomes) tally.add(outcome);
    hostile.mock.requests.length = 0;
  };
  try {
    for (let i = 0; i < 3; i++) await round();
    const { heap: warmHeap, ...warm } = allHoldings();
    while (hostile.sent() < SOCKET_DATAGRAMS) await round();
    // Sockets close one turn of the event loop later.
    await expect.poll(() => allHoldings().descriptors).toBeLessThanOrEqual(warm.descriptors);
    const { heap, ...held } = allHoldings();
    expect(held).toEqual(warm);
    expect(heap - warmHeap).toBeLessThan(8_000_000);
    expect(tally.get('answered')).toBeGreaterThan(0);
    expect(tally.get('ChronyDataError')).toBeGreaterThan(0);
  } catch (error) {
    throw withSeed(SEED, error);
  }
  if (IS_LONG) report(tally, hostile.sent());
});

function report(tally: Tally, sent: number): void {
  const split = tally.split.map(([outcome, count]) => `${grouped(count)} ${outcome}`).join(', ');
  writeFigures('fuzz-wasm-socket', [
    {
      what: 'The same over real UDP sockets, to whole connections',
      figure: `${grouped(sent)} datagrams to ${grouped(tally.total)} calls: ${split}; nothing else, no hang, nothing left`,
      command: 'make fuzz-wasm',
    },
  ]);
}
