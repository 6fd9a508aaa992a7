/** A session in the sandbox: requests and replies, without a socket. */

import { describe, expect, it, vi } from 'vitest';
import { ChronyError, ChronyPermissionError } from '../../../src/errors.ts';
import { Libchrony } from '../../../src/sandbox/instance.ts';
import { Session } from '../../../src/sandbox/session.ts';
import { answer } from '../../../src/testing/answer.ts';
import { encodeRefusal, Status, scenarios } from '../../../src/testing/index.ts';
import { parseRequest } from '../../../src/testing/requests.ts';
import loadBinary from '../../../wasm/libchrony.wasm';
import { numberIn } from '../../support/record.ts';
import { REPORTS } from '../../support/reports.ts';

const binary = loadBinary();

describe('a host that fails', () => {
  const nothing = (): void => {};

  it('no entropy: an error, and no request', () => {
    const why = new Error('no randomness');
    const library = new Libchrony(binary, () => {
      throw why;
    });
    const session = new Session(library, 'here', () => expect.fail('it must not send'));
    expect(() => session.requestRecord('tracking', 0)).toThrow(
      expect.objectContaining({ name: 'ChronyLibraryError', errorCode: 4, cause: why }),
    );
    expect(session.needsResponse).toBe(false);
    session.close();
  });

  it('a socket that throws: its error is the cause', () => {
    const why = new Error('no cable');
    const session = new Session(new Libchrony(binary), 'here', () => {
      throw why;
    });
    expect(() => session.requestRecord('tracking', 0)).toThrow(
      expect.objectContaining({ name: 'ChronyConnectionError', errorCode: 5, cause: why }),
    );
    expect(session.needsResponse).toBe(false);
    session.close();
  });

  it("a socket that throws an error of this package: it is the session's own", () => {
    const why = new ChronyPermissionError('not through this one');
    const session = new Session(new Libchrony(binary), 'here', () => {
      throw why;
    });
    expect(() => session.requestRecord('tracking', 0)).toThrow(why);
    session.close();
  });

  it('no memory: a library error for the session that is one too many, and the others go on', () => {
    const library = new Libchrony(binary);
    const sessions: Session[] = [];
    const fill = (): void => {
      for (let i = 0; i < 1_000_000; i++) sessions.push(new Session(library, 'here', nothing));
    };
    expect(fill).toThrow(expect.objectContaining({ name: 'ChronyLibraryError', errorCode: 1 }));
    expect(sessions.length).toBeGreaterThan(100_000);
    sessions[0]?.requestRecord('tracking', 0);
    expect(sessions[0]?.needsResponse).toBe(true);

    sessions.pop()?.close();
    new Session(library, 'here', nothing).close();
    for (const session of sessions) session.close();
  });
});

describe('a session', () => {
  const open = () => new Session(new Libchrony(binary), 'here', () => {});

  it('refuses a report that does not exist, and names those that do', () => {
    const session = open();
    expect(() => session.requestRecord('trackin', 0)).toThrow(
      expect.objectContaining({ name: 'ChronyDataError', errorCode: 3 }),
    );
    expect(() => session.requestNumberRecords('')).toThrow(REPORTS.join(', '));
    session.close();
  });

  it('refuses a datagram when nothing is outstanding', () => {
    const session = open();
    expect(() => session.process(new Uint8Array(28))).toThrow(expect.objectContaining({ errorCode: 8 }));
    session.close();
  });

  it('refuses a record that the report cannot have', () => {
    const session = open();
    expect(() => session.requestRecord('tracking', 1)).toThrow(expect.objectContaining({ errorCode: 7 }));
    expect(() => session.requestRecord('sources', -1)).toThrow(ChronyError);
    session.close();
  });

  it('holds no record before an answer', () => {
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
  const scenario = scenarios.synchronised();
  const STRATUM = scenario.tracking.stratum;

  /** A session, and what it sends. */
  function talk(library = new Libchrony(binary)) {
    const sent: Uint8Array[] = [];
    const session = new Session(library, 'here', (datagram) => sent.push(datagram));
    const last = (): Uint8Array => sent.at(-1) ?? expect.fail('nothing was sent');
    return {
      session,
      sent,
      reply: (request = last()) => answer(scenario, request) ?? expect.fail('chronyd would not reply'),
      refusal: (status: number) => encodeRefusal(parseRequest(last()) ?? expect.fail('no request'), status),
    };
  }

  it('is awaited from the request on, and holds the record until the next one', () => {
    const { session, sent, reply } = talk();
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

  it('tells the number of records', () => {
    const { session, reply } = talk();
    session.requestNumberRecords('sources');
    session.process(reply());
    expect(session.numberRecords).toBe(scenario.sources.length);
    session.close();
  });

  it('to an earlier request, or to nobody, changes nothing', () => {
    const { session, sent, reply } = talk();
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

  it('may lead to another request, which is sent at once', () => {
    const { session, sent, reply } = talk();
    session.requestRecord('authdata', 0);
    session.process(reply());
    expect(session.needsResponse).toBe(true);
    expect(sent).toHaveLength(2);
    session.process(reply());
    expect(session.needsResponse).toBe(false);
    expect(session.record.length).toBeGreaterThan(0);
    session.close();
  });

  it('that refuses is an error that names report and peer, and nothing is awaited any more', () => {
    const { session, refusal, reply } = talk();
    session.requestRecord('tracking', 0);
    expect(() => session.process(refusal(Status.UNAUTHORISED))).toThrow(
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

  it('is read once: bytes that were processed are not processed again', () => {
    const { session, reply } = talk();
    session.requestRecord('tracking', 0);
    expect(session.receive()).toBeNull();
    session.process(reply());
    expect(session.receive()).toBeNull();
    session.close();
  });

  it('goes to its own session, of several in one instance', () => {
    const library = new Libchrony(binary);
    const [one, other] = [talk(library), talk(library)];
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

describe('close()', () => {
  it('gives back the memory: sessions come and go without end', () => {
    const library = new Libchrony(binary);
    const pages = () => library.c.memory.buffer.byteLength;
    new Session(library, 'here', () => {}).close();
    const before = pages();
    for (let i = 0; i < 10_000; i++) new Session(library, 'here', () => {}).close();
    expect(pages()).toBe(before);
  });

  /** An instance in which ending a session does this. */
  function endingBy(deinit: () => void): Libchrony {
    const library = new Libchrony(binary);
    Object.defineProperty(library, 'c', { value: { ...library.c, chrony_deinit_session: deinit } });
    return library;
  }

  it('a second time does nothing', () => {
    const ended = vi.fn();
    const session = new Session(endingBy(ended), 'here', () => {});
    session.close();
    session.close();
    expect(ended).toHaveBeenCalledOnce();
  });

  it('leaves a discarded instance alone', () => {
    const ended = vi.fn();
    const library = endingBy(ended);
    const session = new Session(library, 'here', () => {});
    library.discard();
    session.close();
    expect(ended).not.toHaveBeenCalled();
  });

  it('does not throw where the instance traps, which is discarded', () => {
    const library = endingBy(() => {
      throw new Error('unreachable');
    });
    const session = new Session(library, 'here', () => {});
    session.close();
    expect(library.discarded).toBe(true);
  });
});
