/** Caches that are kept from one record to the next must not affect any record. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ChronyDataError } from '../../../src/errors.ts';
import { decoders } from '../../../src/reports/index.ts';
import { Count, fieldTable } from '../../../src/reports/record.ts';
import { Libchrony } from '../../../src/sandbox/instance.ts';
import type { RecordReader } from '../../../src/sandbox/record.ts';
import { Session } from '../../../src/sandbox/session.ts';
import type { ReplyCode, ReplyValues } from '../../../src/testing/layouts.ts';
import { encodeReply } from '../../../src/testing/reply.ts';

const binary = new Uint8Array(readFileSync('wasm/libchrony.wasm'));

/** A session whose requests are answered at once. */
class AnsweredSession {
  readonly #session: Session;
  #request = new DataView(new ArrayBuffer(0));

  constructor(library = new Libchrony(binary)) {
    this.#session = new Session(library, 'here', (datagram) => {
      this.#request = new DataView(Uint8Array.from(datagram).buffer);
    });
  }

  /** Gives the session a record. */
  hold<R extends ReplyCode>(report: string, reply: R, values: Partial<ReplyValues<R>>): this {
    this.#session.requestRecord(report, 0);
    this.#session.process(encodeReply(reply, this.#lastRequest(), values));
    return this;
  }

  /** Gives the session a record of a report that is requested by the address of the source. */
  holdByAddress<R extends ReplyCode>(report: string, reply: R, values: Partial<ReplyValues<R>>): this {
    this.#session.requestRecord(report, 0);
    this.#session.process(encodeReply(6, this.#lastRequest(), { address: '192.0.2.1' }));
    this.#session.process(encodeReply(reply, this.#lastRequest(), values));
    return this;
  }

  get record(): RecordReader {
    return this.#session.record;
  }

  #lastRequest() {
    return { code: this.#request.getUint16(4), sequence: this.#request.getUint32(8) };
  }
}

describe('the current record', () => {
  it.each([
    ['192.0.2.1', '192.0.2.10', '192.0.2.1'],
    ['192.0.2.10', '192.0.2.1', '192.0.2.10'],
    ['2001:db8::1', null, '2001:db8::1'],
    [null, 'ID#0000000001', null],
  ])('has its own address: %s, then %s, then %s', (...addresses) => {
    const session = new AnsweredSession();
    for (const address of addresses) {
      session.hold('tracking', 5, { address });
      expect(decoders.tracking.decode(session.record).referenceIp).toBe(address);
      expect(session.record.text('address')).toBe(address);
      expect(session.record.toFields()[1]).toMatchObject({ name: 'address', value: address });
    }
  });

  it('has two addresses of its own', () => {
    const session = new AnsweredSession();
    for (const [remote, local] of [
      ['192.0.2.1', '192.0.2.2'],
      ['192.0.2.2', '192.0.2.1'],
      ['2001:db8::1:2:3:4', null],
      [null, '2001:db8::1:2:3:4'],
    ] as const) {
      session.holdByAddress('ntpdata', 26, { 'remote address': remote, 'local address': local });
      const { remoteAddress, localAddress } = decoders.ntpdata.decode(session.record);
      expect([remoteAddress, localAddress]).toEqual([remote ?? '', local]);
    }
  });

  it('has its own names of values', () => {
    const session = new AnsweredSession();
    const names = ['normal', 'insert second', 'delete second', 'not synchronized'];
    for (const code of [0, 1, 1, 3, 2, 0]) {
      session.hold('tracking', 5, { 'leap status': code });
      expect(decoders.tracking.decode(session.record).leapStatus).toBe(names[code]);
    }
    for (let again = 0; again < 2; again++) {
      session.hold('tracking', 5, { 'leap status': 9 });
      expect(() => decoders.tracking.decode(session.record)).toThrow('invalid leapStatus: unknown (9)');
    }
  });

  it('has its own flags', () => {
    const session = new AnsweredSession();
    for (const flags of [1, 2, 0, 3, 3]) {
      session.hold('smoothing', 13, { flags });
      const { active, leapOnly } = decoders.smoothing.decode(session.record);
      expect([active, leapOnly]).toEqual([(flags & 1) !== 0, (flags & 2) !== 0]);
    }
  });

  it.each([
    [{ high: 1, low: 10, nanoseconds: 500_000_000 }, 4_294_967_306n],
    [{ high: 0, low: 0xffffffff, nanoseconds: 500_000_000 }, 4_294_967_295n],
    [{ high: 0x7fffffff, low: 10, nanoseconds: 500_000_000 }, 10n],
    [{ high: 0x7ffffffe, low: 0, nanoseconds: 500_000_000 }, 0x7ffffffe00000000n],
    [{ high: 0xffffffff, low: 0xfffffffe, nanoseconds: 500_000_000 }, -2n],
  ])('has the full 64-bit time %j', (time, seconds) => {
    const session = new AnsweredSession().holdByAddress('ntpdata', 26, { 'reference time': time });
    expect(decoders.ntpdata.decode(session.record).refTime).toBe(Number(seconds) + 0.5);
    const [field] = session.record.toFields().filter(({ name }) => name === 'reference time');
    expect(field?.value).toEqual({ seconds, nanoseconds: 500_000_000 });
  });

  it('can be of a different report or kind of source than the previous one', () => {
    const session = new AnsweredSession();
    for (let again = 0; again < 2; again++) {
      session.hold('sources', 3, { address: '192.0.2.1', stratum: 1 });
      expect(decoders.sources.decode(session.record)).toMatchObject({ address: '192.0.2.1', stratum: 1 });
      // a reference clock has its reference ID in place of the address, in a field with another name
      session.hold('sources', 3, { address: '80.80.83.0', mode: 2, stratum: 2 });
      expect(decoders.sources.decode(session.record)).toMatchObject({ address: 'PPS', stratum: 2 });
      session.hold('serverstats', 14, { 'received NTP requests': 7 });
      expect(decoders.serverstats.decode(session.record)).toMatchObject({ ntpReceived: 7, kernelRx: null });
      session.hold('serverstats', 25, { 'received NTP requests': 8, 'served kernel RX timestamps': 9 });
      expect(decoders.serverstats.decode(session.record)).toMatchObject({ ntpReceived: 8, kernelRx: 9 });
    }
  });

  it('can be of a different session than the previous one', () => {
    const library = new Libchrony(binary);
    const sessions = ['192.0.2.1', '198.51.100.1'].map((address, stratum) =>
      new AnsweredSession(library).hold('tracking', 5, { address, stratum }),
    );
    for (const session of [...sessions, ...sessions]) {
      const { referenceIp, stratum } = decoders.tracking.decode(session.record);
      expect(referenceIp).toBe(stratum === 0 ? '192.0.2.1' : '198.51.100.1');
    }
  });

  it('does not inherit the requested source from the previous one', () => {
    const session = new AnsweredSession().holdByAddress('authdata', 20, {});
    expect(decoders.authdata.decode(session.record, '192.0.2.1').address).toBe('192.0.2.1');
    expect(session.record.requestedAddress).toBe('');
  });

  it('is still readable after the memory of the sandbox has grown', () => {
    const library = new Libchrony(binary);
    const session = new AnsweredSession(library).hold('tracking', 5, { address: '192.0.2.1', stratum: 3 });
    const before = decoders.tracking.decode(session.record);
    const { buffer } = library.c.memory;
    for (let i = 0; i < 1000; i++) new AnsweredSession(library);
    expect(library.c.memory.buffer).not.toBe(buffer);
    expect(decoders.tracking.decode(session.record)).toEqual(before);
  });

  it('throws an error that names a field of another library version, each time', () => {
    const session = new AnsweredSession().hold('activity', 12, {});
    const fields = fieldTable({ online: new Count('online sources'), idle: new Count('idle sources') });
    for (let again = 0; again < 2; again++) {
      const selecting = () => session.record.select(fields);
      expect(selecting).toThrow(ChronyDataError);
      expect(selecting).toThrow("activity: the record has no field 'idle sources'");
    }
    expect(decoders.activity.decode(session.record)).toMatchObject({ online: 0 });
  });
});
