/** The datagrams that can leave the sandbox: each request of the C library, unchanged and with one byte changed. */
import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { isAllowed } from '../../../src/sandbox/allowed-requests.ts';
import { Libchrony } from '../../../src/sandbox/instance.ts';
import { Session } from '../../../src/sandbox/session.ts';
import loadBinary from '../../../wasm/libchrony.wasm';

const ADDRESS = '2001:db8::1';

/** A request; the bytes in `free`, from offset 20, can have any value. */
type RequestCase = readonly [
  name: string,
  code: number,
  free: readonly number[],
  ask: (session: Session) => void,
];

const range = (start: number, end: number): number[] =>
  Array.from({ length: end - start }, (_, i) => start + i);
const nothing: readonly number[] = [];
const index = range(20, 24);
const address = range(20, 40);
/** The first index, and the minimum number of hits. */
const clients = [...range(20, 24), ...range(28, 32)];

const requests: readonly RequestCase[] = [
  ['the number of sources', 14, nothing, (session) => session.requestNumberRecords('sources')],
  ['sources', 15, index, (session) => session.requestRecord('sources', 0x01020304)],
  ['tracking', 33, nothing, (session) => session.requestRecord('tracking', 0)],
  ['sourcestats', 34, index, (session) => session.requestRecord('sourcestats', 0)],
  ['rtcdata', 35, nothing, (session) => session.requestRecord('rtcdata', 0)],
  ['manual list', 41, nothing, (session) => session.requestRecord('manual list', 0)],
  ['activity', 44, nothing, (session) => session.requestRecord('activity', 0)],
  ['smoothing', 51, nothing, (session) => session.requestRecord('smoothing', 0)],
  ['serverstats', 54, nothing, (session) => session.requestRecord('serverstats', 0)],
  ['ntpdata', 57, address, (session) => session.requestRecordOfSource('ntpdata', ADDRESS)],
  ['sourcename', 65, address, (session) => session.requestRecordOfSource('sourcename', ADDRESS)],
  ['authdata', 67, address, (session) => session.requestRecordOfSource('authdata', ADDRESS)],
  ['clients', 68, clients, (session) => session.requestClients(0x01020304, 5)],
  ['selectdata', 69, index, (session) => session.requestRecord('selectdata', 0)],
];

const RANDOM = range(8, 12);
const CODE = [4, 5];
/** The last byte of the number of clients. */
const NUMBER_CLIENTS = 27;

/** Returns a request from the C library. */
function requestOf(ask: (session: Session) => void): Buffer {
  let request = Buffer.alloc(0);
  const session = new Session(new Libchrony(loadBinary()), 'here', (datagram) => {
    request = Buffer.from(datagram);
  });
  ask(session);
  session.close();
  return request;
}

/** Copies a request, with one byte changed. */
function changed(request: Buffer, at: number, value: number): Buffer {
  const copy = Buffer.from(request);
  copy[at] = value;
  return copy;
}

describe.each(requests)('a request for %s', (_, code, free, ask) => {
  const request = requestOf(ask);

  it('is allowed unchanged', () => {
    expect(request.readUInt16BE(4)).toBe(code);
    expect(isAllowed(request)).toBe(true);
  });

  it('is allowed with one byte changed only if that byte is free', () => {
    const any = new Set([...RANDOM, ...free]);
    for (const at of request.keys()) {
      if (CODE.includes(at)) continue;
      const allowed = range(0, 256).filter((value) => isAllowed(changed(request, at, value)));
      const isNumber = code === 68 && at === NUMBER_CLIENTS;
      const expected = any.has(at) ? range(0, 256) : isNumber ? range(0, 9) : [request[at]];
      if (allowed.join() !== expected.join()) expect(allowed, `byte ${at}`).toEqual(expected);
    }
  });

  it('is not allowed without its whole body, or if longer than the longest request', () => {
    const bodyEnd = code === 68 ? 36 : 20 + (free === nothing ? 0 : free === index ? 4 : 20);
    const longer = Buffer.concat([request, Buffer.alloc(600)]);
    const allowed = range(0, longer.length).filter((length) => isAllowed(longer.subarray(0, length)));
    expect(allowed).toEqual(range(bodyEnd, 521));
  });
});

describe('a datagram is not allowed', () => {
  const request = requestOf((session) => session.requestClients(0, 0));
  const RESET = 32;

  it('if it resets the counters of clients, with any value of the reset word', () => {
    for (const at of range(RESET, RESET + 4)) {
      for (const value of range(1, 256)) expect(isAllowed(changed(request, at, value))).toBe(false);
    }
    const all = Buffer.from(request);
    all.fill(0xff, RESET, RESET + 4);
    expect(isAllowed(all)).toBe(false);
  });

  it('if it requests more clients than fit in a reply', () => {
    for (const number of [9, 0x100, 0x10008, 0x80000008, 0xffffffff]) {
      const more = Buffer.from(request);
      more.writeUInt32BE(number, NUMBER_CLIENTS - 3);
      expect(isAllowed(more), String(number)).toBe(false);
    }
  });

  it('if it has any other code, with any length', () => {
    const known = new Set(requests.map(([, code]) => code));
    for (const length of [20, 24, 36, 40, 104, 520]) {
      const zeros = Buffer.alloc(length);
      zeros.set([6, 1]);
      for (let code = 0; code < 0x10000; code++) {
        if (known.has(code)) continue;
        zeros.writeUInt16BE(code, 4);
        if (isAllowed(zeros)) expect.fail(`code ${code} is allowed`);
      }
    }
  });

  it('if it is too short for a header', () => {
    for (let length = 0; length < 20; length++) expect(isAllowed(request.subarray(0, length))).toBe(false);
  });
});
