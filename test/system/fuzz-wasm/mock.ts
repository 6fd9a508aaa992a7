/** A mock chronyd that sends valid and invalid datagrams, as a network may deliver them. The seed determines them. */
import fc from 'fast-check';
import { type Intercept, type MockChronyd, startMockChronyd } from '../../../src/testing/index.ts';
import { requestKinds } from '../../../src/testing/requests.ts';
import { anyReply } from '../native/replies.ts';
import { sequenceOf, shiftSequence } from '../native/script.ts';
import { judge } from './oracle.ts';

/** The number of different answers to each kind of request. */
const POOL = 1000;
/** Requests for more sources would take long and test nothing more. */
const MAX_SOURCES = 20;

/** The datagrams that arrive after a request: possibly random ones, then possibly the real answer. */
interface Arrival {
  readonly datagrams: readonly Uint8Array[];
  readonly real: boolean;
}

export class HostileMock implements AsyncDisposable {
  readonly mock: MockChronyd;
  /** The number of datagrams sent so far. */
  readonly sent: () => number;

  private constructor(mock: MockChronyd, sent: () => number) {
    this.mock = mock;
    this.sent = sent;
  }

  static async start(seed: number): Promise<HostileMock> {
    const pools = new Map<number, Arrival[]>(
      requestKinds.map((kind, i) => {
        const arrival = fc.record({
          datagrams: fc.array(anyReply(kind), { maxLength: 3 }),
          real: fc.integer({ min: 0, max: 9 }).map((chance) => chance > 0),
        });
        return [kind.code, fc.sample(arrival, { seed: seed + i, numRuns: POOL })];
      }),
    );
    let sent = 0;
    let turn = 0;
    const intercept: Intercept = (request, reply) => {
      const pool = pools.get(request.code) ?? [];
      const { datagrams = [], real = true } = pool[turn++ % pool.length] ?? {};
      const arrivals = datagrams
        .map((datagram) => shiftSequence(datagram, sequenceOf(request.datagram)))
        .filter((datagram) => !tellsTooManySources(request.datagram, datagram));
      const all = real && reply !== null ? [...arrivals, reply] : arrivals;
      sent += all.length;
      return all;
    };
    return new HostileMock(await startMockChronyd('nts', { intercept }), () => sent);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.mock.close();
  }
}

function tellsTooManySources(request: Uint8Array, datagram: Uint8Array): boolean {
  const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.length);
  const isNumber = datagram.length >= 32 && view.getUint16(4) === 14;
  return isNumber && judge(request, datagram) === 'taken' && view.getUint32(28) > MAX_SOURCES;
}
