/** A session in the sandbox: requests and replies, without a socket. */

import { Buffer } from 'node:buffer';
import { describe, expect, it, vi } from 'vitest';
import { ChronyError, ChronyPermissionError } from '../../../src/errors.ts';
import { SourceMode } from '../../../src/reports/index.ts';
import { Libchrony } from '../../../src/sandbox/instance.ts';
import { Session } from '../../../src/sandbox/session.ts';
import { addressBytes } from '../../../src/testing/address.ts';
import { answer } from '../../../src/testing/answer.ts';
import { referenceClock } from '../../../src/testing/index.ts';
import { encodeRefusal, ReplyStatus } from '../../../src/testing/reply.ts';
import { parseRequest } from '../../../src/testing/requests.ts';
import { scenarios } from '../../../src/testing/scenarios.ts';
import loadBinary from '../../../wasm/libchrony.wasm';
import { numberIn } from '../../support/record.ts';
import { REPORTS } from '../../support/reports.ts';

const binary = loadBinary();

describe('a failure of the host', () => {
  const nothing = (): void => {};

  it('to provide entropy throws an error and sends nothing', () => {
    const cause = new Error('no randomness');
    const library = new Libchrony(binary, () => {
      throw cause;
    });
    const session = new Session(library, 'here', () => expect.fail('sent a request'));
    expect(() => session.requestRecord('tracking', 0)).toThrow(
      expect.objectContaining({ name: 'ChronyLibraryError', errorCode: 4, cause }),
    );
    expect(session.needsResponse).toBe(false);
    session.close();
  });

  it('to send is the cause of the error', () => {
    const cause = new Error('no cable');
    const session = new Session(new Libchrony(binary), 'here', () => {
      throw cause;
    });
    expect(() => session.requestRecord('tracking', 0)).toThrow(
      expect.objectContaining({ name: 'ChronyConnectionError', errorCode: 5, cause }),
    );
    expect(session.needsResponse).toBe(false);
    session.close();
  });

  it('to send with an error of this package throws that error', () => {
    const cause = new ChronyPermissionError('not through this one');
    const session = new Session(new Libchrony(binary), 'here', () => {
      throw cause;
    });
    expect(() => session.requestRecord('tracking', 0)).toThrow(cause);
    session.close();
  });

  it('to allocate memory throws a library error for one session; the others continue', () => {
    const library = new Libchrony(binary);
    const sessions: Session[] = [];
    const fill = (): void => {
      for (let i = 0; i < 1_000_000; i++) sessions.push(new Session(library, 'here', nothing));
    };
    expect(fill).toThrow(expect.objectContaining({ name: 'ChronyLibraryError', errorCode: 1 }));
    // each session reserves 520 bytes for the longest reply, from 64 MB in total
    expect(sessions.length).toBeGreaterThan(90_000);
    sessions[0]?.requestRecord('tracking', 0);
    expect(sessions[0]?.needsResponse).toBe(true);

    sessions.pop()?.close();
    new Session(library, 'here', nothing).close();
    for (const session of sessions) session.close();
  });
});

describe('a session', () => {
  const open = () => new Session(new Libchrony(binary), 'here', () => {});

  it('rejects an unknown report and lists the known ones', () => {
    const session = open();
    expect(() => session.requestRecord('trackin', 0)).toThrow(
      expect.objectContaining({ name: 'ChronyDataError', errorCode: 3 }),
    );
    expect(() => session.requestNumberRecords('')).toThrow(REPORTS.join(', '));
    session.close();
  });

  it('rejects a datagram if no request is pending', () => {
    const session = open();
    expect(() => session.process(new Uint8Array(28))).toThrow(expect.objectContaining({ errorCode: 8 }));
    session.close();
  });

  it('rejects a record index that the report cannot have', () => {
    const session = open();
    expect(() => session.requestRecord('tracking', 1)).toThrow(expect.objectContaining({ errorCode: 7 }));
    expect(() => session.requestRecord('sources', -1)).toThrow(ChronyError);
    session.close();
  });

  it('has no record before a reply', () => {
    const session = open();
    expect(session.record.length).toBe(0);
    session.requestRecord('tracking', 0);
    expect(session.record.toFields()).toEqual([]);
    expect(() => session.record.text('address')).toThrow("no field 'address'");
    session.close();
    session.close();
  });
});

describe('a reply', () => {
  const scenario = scenarios.synchronized();
  const STRATUM = scenario.tracking.stratum;

  /** Creates a session that records the datagrams it sends. */
  function openSession(library = new Libchrony(binary), pretended = scenario) {
    const sent: Uint8Array[] = [];
    const session = new Session(library, 'here', (datagram) => sent.push(datagram));
    const last = (): Uint8Array => sent.at(-1) ?? expect.fail('nothing was sent');
    return {
      session,
      sent,
      reply: (request = last()) => answer(pretended, request) ?? expect.fail('chronyd would not reply'),
      refusal: (status: number) =>
        encodeRefusal(parseRequest(last()) ?? expect.fail('not a request'), status),
    };
  }

  it('is expected after the request, and its record stays until the next request', () => {
    const { session, sent, reply } = openSession();
    expect(session.needsResponse).toBe(false);
    session.requestRecord('tracking', 0);
    expect(session.needsResponse).toBe(true);
    expect(sent).toHaveLength(1);
    session.process(reply());
    expect(session.needsResponse).toBe(false);
    expect(numberIn(session.record, 'stratum')).toBe(STRATUM);
    session.requestRecord('tracking', 0);
    expect(session.record.length).toBe(0);
    session.close();
  });

  it('contains the number of records', () => {
    const { session, reply } = openSession();
    session.requestNumberRecords('sources');
    session.process(reply());
    expect(session.numberRecords).toBe(scenario.sources.length);
    session.close();
  });

  it('to an earlier request or to no request is ignored', () => {
    const { session, sent, reply } = openSession();
    session.requestRecord('tracking', 0);
    const late = reply();
    session.requestRecord('tracking', 0);
    expect(sent).toHaveLength(2);
    for (const datagram of [late, new Uint8Array(0), new Uint8Array(2000)]) {
      session.process(datagram);
      expect(session.needsResponse).toBe(true);
    }
    session.process(reply());
    expect(numberIn(session.record, 'stratum')).toBe(STRATUM);
    session.close();
  });

  it('can cause another request, which is sent at once', () => {
    const { session, sent, reply } = openSession();
    session.requestRecord('authdata', 0);
    session.process(reply());
    expect(session.needsResponse).toBe(true);
    expect(sent).toHaveLength(2);
    session.process(reply());
    expect(session.needsResponse).toBe(false);
    expect(session.record.length).toBeGreaterThan(0);
    session.close();
  });

  it('with a refusal throws an error with the report and the peer, and no reply is expected any more', () => {
    const { session, refusal, reply } = openSession();
    session.requestRecord('tracking', 0);
    expect(() => session.process(refusal(ReplyStatus.UNAUTHORIZED))).toThrow(
      expect.objectContaining({
        name: 'ChronyPermissionError',
        errorCode: 9,
        message: expect.stringMatching(/^tracking from here: /),
      }),
    );
    expect(session.needsResponse).toBe(false);
    session.requestRecord('tracking', 0);
    session.process(reply());
    expect(numberIn(session.record, 'stratum')).toBe(STRATUM);
    session.close();
  });

  it('is read only once', () => {
    const { session, reply } = openSession();
    session.requestRecord('tracking', 0);
    expect(session.receive()).toBeNull();
    session.process(reply());
    expect(session.receive()).toBeNull();
    session.close();
  });

  it('to `sourcestats` saves a request for the address of its source', () => {
    const sources = [...scenario.sources.slice(1), referenceClock('GPS'), ...scenario.sources.slice(0, 1)];
    const { session, sent, reply } = openSession(undefined, { ...scenario, sources });
    const codes = (): number[] => sent.splice(0).map((request) => parseRequest(request)?.code ?? -1);
    for (const [i, { source }] of sources.entries()) {
      const isReferenceClock = source.mode === SourceMode.REFCLOCK;
      session.requestRecord('sourcestats', i);
      session.process(reply());
      session.requestRecord('ntpdata', i);
      if (session.needsResponse) session.process(reply());
      expect(codes()).toEqual(isReferenceClock ? [34] : [34, 57]);
      expect(session.record.length > 0).toBe(!isReferenceClock);
    }
    session.requestRecord('ntpdata', 0);
    session.process(reply());
    expect(codes()).toEqual([34, 57]);
    session.close();
  });

  it('is processed by its own session if an instance has several', () => {
    const library = new Libchrony(binary);
    const [one, other] = [openSession(library), openSession(library)];
    one.session.requestRecord('tracking', 0);
    other.session.requestRecord('activity', 0);
    one.session.process(one.reply());
    expect(other.session.needsResponse).toBe(true);
    other.session.process(other.reply());
    expect(numberIn(other.session.record, 'stratum')).toBeNaN();
    expect(numberIn(one.session.record, 'stratum')).toBe(STRATUM);
    one.session.close();
    other.session.close();
  });
});

describe('an additional request', () => {
  const scenario = scenarios.synchronized();

  /** Creates a session that records its requests, and a function that answers the last one. */
  function openSession(library = new Libchrony(binary)) {
    const sent: Buffer[] = [];
    const session = new Session(library, 'here', (datagram) => sent.push(Buffer.from(datagram)));
    return {
      session,
      sent,
      answer: (): void =>
        session.process(answer(scenario, sent.at(-1) ?? Buffer.alloc(0)) ?? expect.fail('no reply')),
    };
  }

  it.each(['192.0.2.1', '2001:db8::1', '::ffff:192.0.2.1', 'ID#0000000007'])(
    'contains the address of the source: %s',
    (address) => {
      const { session, sent } = openSession();
      session.requestRecordOfSource('ntpdata', address);
      expect(sent[0]?.readUInt16BE(4)).toBe(57);
      expect(sent[0]?.subarray(20, 40)).toEqual(Buffer.from(addressBytes(address)));
      session.close();
    },
  );

  it.each([
    '',
    'GPS',
    'localhost',
    '[UNSPEC]',
    '127.0.0.1\0',
    '\u0000127.0.0.1',
    '127.0.0.1\0.invalid',
    '1\u0327.0.0.1',
    '\u0131.0.0.1',
    '127.0.0.1 ',
    '::1%lo',
    `${'0:'.repeat(7)}0${' '.repeat(60)}`,
    '1'.repeat(100),
  ])('rejects an invalid address and sends nothing: %j', (address) => {
    const { session, sent } = openSession();
    expect(() => session.requestRecordOfSource('sourcename', address)).toThrow(
      expect.objectContaining({ name: 'ChronyDataError', errorCode: 7 }),
    );
    expect(() => session.requestRecordOfSource('sourcename', address)).toThrow(
      'is not the address of a source',
    );
    expect(sent).toEqual([]);
    expect(session.needsResponse).toBe(false);
    session.close();
  });

  it('gives the name of a source', () => {
    const { session, answer } = openSession();
    session.requestRecordOfSource('sourcename', '192.0.2.10');
    expect(() => answer()).toThrow(expect.objectContaining({ errorCode: 11 }));
    const [named] = scenario.sources;
    session.requestRecordOfSource('sourcename', named?.source.address ?? expect.fail('no source'));
    answer();
    expect(session.record.text('name')).toBe(named?.name ?? named?.source.address);
    expect(session.numberEntries).toBe(0);
    session.close();
  });

  it.each([
    [0, 0],
    [8, 1],
    [2 ** 31, 2 ** 31 - 1],
    [2 ** 32 - 1, 2 ** 32 - 1],
  ])(
    'asks for clients from index %i with at least %i requests, and never resets their counters',
    (first, minimum) => {
      const { session, sent } = openSession();
      session.requestClients(first, minimum);
      const [request] = sent;
      expect(request).toHaveLength(520);
      expect([20, 24, 28, 32].map((at) => request?.readUInt32BE(at))).toEqual([first, 8, minimum, 0]);
      session.close();
    },
  );

  it('gives entries, one of which at a time is the record', () => {
    const { session, answer } = openSession();
    session.requestClients(0, 0);
    answer();
    expect(session.record.number('clients')).toBe(8);
    expect(session.numberEntries).toBe(8);
    const addresses = Array.from({ length: 8 }, (_, i) => session.entry(i).text('address'));
    expect(addresses).toEqual(scenario.clients?.slice(0, 8).map(({ address }) => address));
    expect(session.entry(3).number('NTP hits')).toBe(scenario.clients?.[3]?.ntpHits);
    expect(session.numberEntries).toBe(8);

    session.requestRecord('manual list', 0);
    expect(session.numberEntries).toBe(0);
    answer();
    expect(session.numberEntries).toBe(scenario.manualSamples.length);
    session.close();
  });

  it('limits the entries to the capacity of a reply, even if the sandbox states a larger number', () => {
    const library = new Libchrony(binary);
    const { session } = openSession(library);
    for (const number of [17, 2 ** 31 - 1]) {
      const c = { ...library.c, chrony_get_number_entries: () => number };
      Object.defineProperty(library, 'c', { value: c, configurable: true });
      expect(session.numberEntries).toBe(16);
    }
    session.close();
  });
});

describe('close()', () => {
  it('releases the memory of the session', () => {
    const library = new Libchrony(binary);
    const pages = () => library.c.memory.buffer.byteLength;
    new Session(library, 'here', () => {}).close();
    const before = pages();
    for (let i = 0; i < 10_000; i++) new Session(library, 'here', () => {}).close();
    expect(pages()).toBe(before);
  });

  /** Creates an instance with a replacement for the function that ends a session. */
  function withDeinit(deinit: () => void): Libchrony {
    const library = new Libchrony(binary);
    Object.defineProperty(library, 'c', { value: { ...library.c, chrony_deinit_session: deinit } });
    return library;
  }

  it('has no effect the second time', () => {
    const ended = vi.fn();
    const session = new Session(withDeinit(ended), 'here', () => {});
    session.close();
    session.close();
    expect(ended).toHaveBeenCalledOnce();
  });

  it('does not call a discarded instance', () => {
    const ended = vi.fn();
    const library = withDeinit(ended);
    const session = new Session(library, 'here', () => {});
    library.discard();
    session.close();
    expect(ended).not.toHaveBeenCalled();
  });

  it('does not throw if the instance traps, and discards it', () => {
    const library = withDeinit(() => {
      throw new Error('unreachable');
    });
    const session = new Session(library, 'here', () => {});
    session.close();
    expect(library.discarded).toBe(true);
  });
});
