/** Plays scripts in one session, as a channel would, and reads each result both as fields and as an object. */
import { expect } from 'vitest';
import { ChronyDataError, ChronyError } from '../../../src/errors.ts';
import { decoders, extensionDecoders } from '../../../src/reports/index.ts';
import { ChronyErr } from '../../../src/sandbox/errors.ts';
import { Libchrony } from '../../../src/sandbox/instance.ts';
import type { RecordReader } from '../../../src/sandbox/record.ts';
import { Session } from '../../../src/sandbox/session.ts';
import { REQUEST_HEADER_LENGTH } from '../../../src/testing/requests.ts';
import loadBinary from '../../../wasm/libchrony.wasm';
import { makeRequest, type Request } from '../native/sandbox-player.ts';
import { type Name, type Script, sequenceOf, shiftSequence } from '../native/script.ts';
import { expectValidField, expectValidRecord, judge, type Verdict } from './oracle.ts';
import type { Tally } from './tally.ts';

/** A step that takes longer than this counts as a hang. */
const HANG_MS = 10_000;

export class FuzzPlayer {
  readonly library: Libchrony;
  readonly tally: Tally;
  #requests: Uint8Array[] = [];
  #failing: 'send' | 'entropy' | null = null;

  constructor(tally: Tally) {
    this.tally = tally;
    let drawn = 0;
    this.library = new Libchrony(loadBinary(), (bytes) => {
      this.#failIf('entropy');
      new DataView(bytes.buffer, bytes.byteOffset).setUint32(0, Math.imul(++drawn, 0x9e3779b1) >>> 0);
    });
  }

  /** @throws any error of the session that is not a ChronyError, and any failed expectation */
  play(script: Script): void {
    this.#requests = [];
    this.#failing = null;
    const session = new Session(this.library, 'script', (datagram) => {
      this.#failIf('send');
      this.#requests.push(datagram);
    });
    let asked: Request | null = null;
    try {
      for (const step of script) {
        const start = performance.now();
        if (step.step === 'fail') this.#failing = step.call;
        else if (step.step === 'reply') this.#receive(session, step.datagram, asked);
        else if (step.step === 'entry') this.#select(session, step.index);
        else {
          asked = step;
          this.#makeRequest(session, step);
        }
        expect(performance.now() - start, 'a step hangs').toBeLessThan(HANG_MS);
      }
    } finally {
      session.close();
    }
  }

  #failIf(call: 'send' | 'entropy'): void {
    if (this.#failing !== call) return;
    this.#failing = null;
    throw new Error(`${call} fails, as the script says`);
  }

  #makeRequest(session: Session, step: Request): void {
    const error = chronyError(() => makeRequest(session, step));
    if (error !== null && session.needsResponse) expect.fail('a request that failed is outstanding');
  }

  /** Selects an entry. If it does not exist, the held record must not change. */
  #select(session: Session, index: number): void {
    const { length } = session.record;
    const isThere = index >= 0 && index < session.numberEntries;
    const selected = session.entry(index);
    if (!isThere && selected.length !== length) expect.fail(`entry ${index} was selected`);
    for (const field of selected.toFields()) expectValidField(field);
  }

  #receive(session: Session, relative: Uint8Array, asked: Request | null): void {
    const request = this.#requests.at(-1) ?? new Uint8Array(REQUEST_HEADER_LENGTH);
    const datagram = shiftSequence(relative, sequenceOf(request));
    if (!session.needsResponse) {
      this.#receiveWithoutRequest(session, datagram);
      return;
    }
    const verdict = judge(request, datagram);
    const sent = this.#requests.length;
    const failing = this.#failing;
    const error = chronyError(() => session.process(datagram));
    const sendsAnother = this.#requests.length > sent;
    this.tally.add(
      error === null
        ? this.#outcome(session, verdict, asked, sendsAnother)
        : this.#failure(session, verdict, error, failing !== this.#failing),
    );
  }

  /** A datagram without a request: a channel drops it, and the sandbox must reject it, too. */
  #receiveWithoutRequest(session: Session, datagram: Uint8Array): void {
    const { length } = session.record;
    const error = chronyError(() => session.process(datagram));
    if (error?.errorCode !== ChronyErr.UNEXPECTED_CALL)
      expect.fail(`without a request, the result is ${error?.message}`);
    if (session.record.length !== length) expect.fail('the held record has changed');
    this.tally.add('refused: no request');
  }

  #failure(session: Session, verdict: Verdict, error: ChronyError, failed: boolean): string {
    if (session.needsResponse) expect.fail(`after ${error.message}, a request is still outstanding`);
    if (verdict !== (failed ? 'taken' : 'refused')) expect.fail(`${verdict}: ${error.message}`);
    return failed ? 'the next request could not be sent' : `refused: ${error.name} ${error.errorCode}`;
  }

  #outcome(session: Session, verdict: Verdict, asked: Request | null, sendsAnother: boolean): string {
    if (session.needsResponse) {
      if (verdict !== (sendsAnother ? 'taken' : 'ignored'))
        expect.fail(`${verdict}, but the session still waits`);
      return sendsAnother ? 'taken: an address for the next request' : 'ignored';
    }
    if (verdict !== 'taken') expect.fail(`${verdict}, but the datagram was taken`);
    if (asked?.step === 'count') {
      const { numberRecords } = session;
      if (!Number.isInteger(numberRecords) || numberRecords < 0) expect.fail(`${numberRecords} records`);
      return 'taken: a number of records';
    }
    if (asked === null) return expect.fail('no request was made');
    return this.#record(session, asked.step === 'clients' ? 'clients' : asked.report);
  }

  #record(session: Session, report: Name): string {
    const { record } = session;
    const fields = record.toFields();
    if (fields.length === 0) return 'taken: no fields';
    for (const field of fields) expectValidField(field);
    try {
      for (const typed of decoded(session, report)) expectValidRecord(typed);
      return 'taken: a record';
    } catch (error) {
      if (error instanceof ChronyDataError) return 'taken: fields that break the rules of their class';
      throw error;
    }
  }
}

/** The object of the record's class; for a report with entries, the objects of all its entries. */
function decoded(session: Session, report: Name): object[] {
  const { record } = session;
  switch (report) {
    case 'authdata':
    case 'sourcename':
      return [{ ...decoders, ...extensionDecoders }[report].decode(record, '192.0.2.1')];
    case 'clients':
    case 'manual list':
      return Array.from({ length: session.numberEntries }, (_, i) => entry(session, i, report));
    default:
      return [decoders[report].decode(record)];
  }
}

function entry(session: Session, index: number, report: 'clients' | 'manual list'): object {
  const record: RecordReader = session.entry(index);
  for (const field of record.toFields()) expectValidField(field);
  return extensionDecoders[report].decode(record);
}

/** The ChronyError that the work throws; null if it throws none. */
function chronyError(work: () => void): ChronyError | null {
  try {
    work();
    return null;
  } catch (error) {
    if (error instanceof ChronyError) return error;
    throw error;
  }
}
