/** The native core and the core in its sandbox behave the same, for any datagram. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bodyLength, rowsOf } from '../../../src/testing/layouts.ts';
import { REPLY_HEADER_LENGTH } from '../../../src/testing/reply.ts';
import { sizeOf } from '../../../src/testing/wire.ts';
import { build } from './build.ts';
import { captureScripts } from './captures.ts';
import { NativePlayer } from './native-player.ts';
import {
  address,
  askedBy,
  byAddress,
  exchanges,
  lookup,
  lookupReply,
  MAX_DATAGRAM,
  type RequestKind,
  reply,
  requestsFor,
  times,
} from './replies.ts';
import { SandboxPlayer } from './sandbox-player.ts';
import { type Name, type Script, type Step, scriptText } from './script.ts';
import { anyDamage, anyScript } from './scripts.ts';

/** The number of random scripts for each property: CHRONY_NATIVE_RUNS sets it. */
const numRuns = Number(process.env['CHRONY_NATIVE_RUNS'] ?? 4000);
const LONG = 60_000 + 20 * numRuns;

const sandbox = new SandboxPlayer();
let natives: NativePlayer[] = [];

beforeAll(async () => {
  const programs = [build('replay', 'gcc'), build('replay-sanitized', 'clang')];
  natives = (await Promise.all(programs)).map((program) => new NativePlayer(program));
}, 120_000);

afterAll(async () => {
  await Promise.all(natives.map((native) => native.stop()));
});

/** Plays a script in all builds, expects the same trace from all of them, and returns it. */
async function play(script: Script): Promise<string[]> {
  const trace = await sandbox.run(script);
  const others = await Promise.all(natives.map((native) => native.run(script)));
  for (const other of others) expect(other, scriptText(script)).toEqual(trace);
  return trace;
}

const record = (report: Name, index = 0): Step => ({ step: 'record', report, index });
const arrives = (datagram: Uint8Array): Step => ({ step: 'reply', datagram });

/** The steps that lead to this request. For a report by address, they include the lookup of a source. */
function stepsBefore({ report, count, request }: (typeof exchanges)[number]): Step[] {
  if (count) return [{ step: 'count', report }];
  return request === lookup || requestsFor[report].length === 1
    ? [record(report)]
    : [record(report), arrives(lookupReply(address(1, 192, 0, 2, 1)))];
}

function sent(trace: readonly string[]): string[] {
  return trace.filter((line) => line.startsWith('sent '));
}

/** The state after each step, without the fields. */
function states(trace: readonly string[]): string[] {
  return trace.filter((line) => line.startsWith('error '));
}

const patterned = (length: number): Uint8Array => new Uint8Array(length).map((_, i) => 17 * i + 1);

describe.each(exchanges)('$report, reply $code', (exchange) => {
  const { request, code } = exchange;
  const start = stepsBefore(exchange);
  const body = patterned(bodyLength(code));

  it('gives a record if it is long enough', async () => {
    const whole = reply(request, code, body);
    for (let length = 0; length <= whole.length; length++) {
      const state = states(await play([...start, arrives(whole.slice(0, length))])).at(-1);
      if (length < REPLY_HEADER_LENGTH) expect(state).toContain('error 0, needs response 1');
      else if (length < whole.length) expect(state).toContain('error 14, needs response 0');
      else expect(state).toContain('error 0, needs response 0');
      if (length === whole.length) expect(state).toContain(`fields ${rowsOf(code).length}`);
    }
  });

  it('may have any greater length', async () => {
    for (const length of [1, 2, 3, 4, 50, 100, 168, 169, 170, 200, 1500, MAX_DATAGRAM - 28 - body.length]) {
      const longer = new Uint8Array(body.length + length).fill(0xaa);
      longer.set(body);
      await play([...start, arrives(reply(request, code, longer)), arrives(reply(request, code, body))]);
    }
  });

  it('gives the error of its status', async () => {
    for (let status = 0; status <= 22; status++) {
      for (const refused of [new Uint8Array(), body]) {
        const trace = await play([
          ...start,
          arrives(reply(request, code, refused, status)),
          record('activity'),
        ]);
        const state = states(trace).at(-2);
        if (status > 0) expect(state).toContain(`error ${errorFor(status)}, needs response 0`);
      }
    }
  });

  it('is ignored if one bit of a checked header field is wrong', async () => {
    const right = reply(request, code, body);
    for (const at of [0, 1, 2, 3, 4, 5, 16, 17, 18, 19]) {
      for (let bit = 1; bit <= 0x80; bit <<= 1) {
        const wrong = right.map((byte, i) => (i === at ? byte ^ bit : byte));
        const [before, after] = states(await play([...start, arrives(wrong), arrives(right)])).slice(-2);
        expect(before).toContain('error 0, needs response 1');
        expect(after).toContain('error 0, needs response 0');
      }
    }
  });

  it('counts as the reply of a newer server if its code is unknown', async () => {
    for (const unknown of [0, 1, 4, 17, 27, 255, 256 + code, 0x8000 + code, 0xffff]) {
      const trace = await play([...start, arrives(reply(request, unknown, body))]);
      expect(states(trace).at(-1)).toContain('error 13, needs response 0');
    }
  });

  it('gives the same fields in all builds, for bytes of 0xff, 0x80 and 0x7f', async () => {
    for (const byte of [0xff, 0x80, 0x7f]) {
      await play([...start, arrives(reply(request, code, new Uint8Array(body.length).fill(byte)))]);
      let offset = 0;
      for (const [, type] of rowsOf(code)) {
        const one = new Uint8Array(body.length).fill(byte, offset, offset + sizeOf(type));
        await play([...start, arrives(reply(request, code, one))]);
        offset += sizeOf(type);
      }
    }
  });
});

function errorFor(status: number): number {
  const errors: Readonly<Record<number, number>> = { 2: 9, 3: 12, 6: 10, 13: 10, 15: 10, 18: 13, 19: 13 };
  return errors[status] ?? 11;
}

it('starts a new session without the record of the previous one', async () => {
  const [exchange] = exchanges;
  if (exchange === undefined) throw new Error('there are no exchanges');
  const { request, code } = exchange;
  await play([...stepsBefore(exchange), arrives(reply(request, code, patterned(bodyLength(code))))]);
  const [state] = states(await play([{ step: 'fail', call: 'send' }]));
  expect(state).toBe('error 0, needs response 0, records 0, fields 0');
});

describe('values', () => {
  it('reads every time the same, with all 64 bits of the seconds', async () => {
    const request = askedBy(35);
    for (const high of times.high) {
      for (const low of times.low) {
        for (const nanoseconds of times.nanoseconds) {
          const body = new Uint8Array(bodyLength(7));
          const view = new DataView(body.buffer);
          [high, low, nanoseconds].forEach((word, i) => {
            view.setUint32(4 * i, word);
          });
          const trace = await play([record('rtcdata'), arrives(reply(request, 7, body))]);
          const upper = BigInt(high === 0x7fffffff ? 0 : high);
          const seconds = BigInt.asIntN(64, (upper << 32n) + BigInt(low));
          const field = `reference time\t4\t2\t${seconds} ${Math.min(nanoseconds, 999999999)}\t`;
          expect(trace).toContain(field);
        }
      }
    }
  });

  it('reads floats of every exponent the same', async () => {
    const request = askedBy(33);
    const coefficients = [0, 1, 2, 0x155_5555, 0xff_ffff, 0x100_0000, 0x100_0001, 0x1ff_ffff];
    for (let exponent = 0; exponent < 128; exponent++) {
      const body = new Uint8Array(bodyLength(5));
      const view = new DataView(body.buffer);
      coefficients.forEach((coefficient, i) => {
        view.setUint32(40 + 4 * i, exponent * 2 ** 25 + coefficient);
      });
      await play([record('tracking'), arrives(reply(request, 5, body))]);
    }
  });

  it('reads a source by its mode', async () => {
    const request = askedBy(15);
    for (const mode of [0, 1, 2, 3, 0x102, 0x200]) {
      for (const family of [0, 1, 2, 3, 4, 0x100]) {
        const body = patterned(bodyLength(3));
        body.set(address(family, 71, 80, 83));
        new DataView(body.buffer).setUint16(26, mode);
        const trace = await play([record('sources'), arrives(reply(request, 3, body))]);
        const clock = trace.includes(`reference ID\t1\t11\t${0x47505300}\t`);
        expect(clock).toBe(mode === 2);
      }
    }
  });

  it('limits the number of records to the maximum of an int', async () => {
    const request = askedBy(14);
    for (const number of [0, 1, 0x7fffffff, 0x80000000, 0xffffffff]) {
      const body = new Uint8Array(4);
      new DataView(body.buffer).setUint32(0, number);
      const trace = await play([{ step: 'count', report: 'sources' }, arrives(reply(request, 2, body))]);
      expect(states(trace).at(-1)).toContain(`records ${Math.min(number, 0x7fffffff)},`);
    }
  });
});

describe.each(byAddress)('%s', (report) => {
  const [, request] = requestsFor[report] as readonly [RequestKind, RequestKind];

  it.each([
    ['IPv4', address(1, 192, 0, 2, 1)],
    ['IPv6', address(2, 0x20, 1, 0xd, 0xb8)],
    ['an ID', address(3, 0, 0, 0, 7)],
  ])('first looks the address up: %s', async (_, sourceAddress) => {
    for (const code of request.replies) {
      const trace = await play([
        record(report, 3),
        arrives(lookupReply(sourceAddress)),
        arrives(reply(request, code, patterned(bodyLength(code)))),
      ]);
      expect(sent(trace)).toHaveLength(2);
      expect(sent(trace)[1]).toContain(Buffer.from(sourceAddress).toString('hex'));
      expect(states(trace).at(-1)).toContain(`fields ${rowsOf(code).length}`);
    }
  });

  it('gives no fields for a source without an address', async () => {
    for (const family of [0, 4, 0x100, 0xffff]) {
      const trace = await play([record(report), arrives(lookupReply(address(family, 71, 80, 83)))]);
      expect(sent(trace)).toHaveLength(1);
      expect(states(trace).at(-1)).toBe('error 0, needs response 0, records 0, fields 0');
    }
  });

  it('sends one request for the source whose record of sourcestats is held, and none if it has no address', async () => {
    const [code] = request.replies;
    const sourceAddress = address(1, 192, 0, 2, 1);
    const trace = await play([
      record('sourcestats', 3),
      arrives(lookupReply(sourceAddress)),
      record(report, 3),
      arrives(reply(request, code ?? 0, patterned(bodyLength(code ?? 2)))),
      record('sourcestats', 4),
      arrives(lookupReply(address(0))),
      record(report, 4),
      record('sourcestats', 3),
      arrives(lookupReply(sourceAddress)),
      record(report, 4),
    ]);
    const codes = sent(trace).map((line) => Number.parseInt(line.slice(13, 17), 16));
    expect(codes).toEqual([34, request.code, 34, 34, 34]);
    expect(sent(trace)[1]).toContain(Buffer.from(sourceAddress).toString('hex'));
  });

  it('sends one request for the source with a given address, and none for an invalid address', async () => {
    const source = (text: string): Step => ({ step: 'source', report, address: text });
    const trace = await play([source('192.0.2.1'), source('2001:db8::1'), source('ID#0000000007')]);
    const addresses = [
      address(1, 192, 0, 2, 1),
      address(2, 0x20, 1, 0xd, 0xb8, ...new Array(11).fill(0), 1),
      address(3, 0, 0, 0, 7),
    ];
    for (const [i, sourceAddress] of addresses.entries())
      expect(sent(trace)[i]).toContain(Buffer.from(sourceAddress).toString('hex'));
    for (const none of ['', 'GPS', '1.2.3', '::1::', 'x'.repeat(100), '\u{7f}'.repeat(64)]) {
      expect(states(await play([source(none)]))).toEqual(['error 7, needs response 0, records 0, fields 0']);
    }
  });

  const body = patterned(bodyLength(6));
  it.each<[string, Step[]]>([
    ...[1, 2, 3, 4, 6, 13, 18, 19, 99].map((status): [string, Step[]] => [
      `status ${status}`,
      [arrives(reply(lookup, 6, body, status))],
    ]),
    ['an unknown reply', [arrives(reply(lookup, 7, body))]],
    ['a short reply', [arrives(reply(lookup, 6, body.slice(1)))]],
    [
      'a second request that cannot be sent',
      [{ step: 'fail', call: 'send' }, arrives(lookupReply(address(1)))],
    ],
    ['a missing random number for it', [{ step: 'fail', call: 'entropy' }, arrives(lookupReply(address(1)))]],
    ['an abandoned lookup', []],
  ])('keeps no state after %s', async (_, failure) => {
    const stats = arrives(reply(lookup, 6, body));
    const before = await play([record(report), ...failure]);
    const after = await play([record(report), ...failure, record('sourcestats'), stats]);
    expect(sent(after)).toHaveLength(sent(before).length + 1);
    expect(states(after).at(-1)).toContain(
      `error 0, needs response 0, records 0, fields ${rowsOf(6).length}`,
    );
  });
});

describe('entries', () => {
  const entry = (index: number): Step => ({ step: 'entry', index });

  it.each([
    ['clients', 21, 3, 8, 14],
    ['manual list', 18, 1, 16, 4],
  ] as const)(
    'of %s are read the same in all builds, and no more than there are',
    async (report, code, head, room, fields) => {
      const [request] = requestsFor[report];
      for (const number of [0, 1, room, room + 1, 0xffffffff]) {
        const body = patterned(bodyLength(code));
        new DataView(body.buffer).setUint32(4 * (head - 1), number);
        const there = Math.min(number, room);
        const trace = await play([
          record(report),
          arrives(reply(request as RequestKind, code, body)),
          ...[-1, room, 2 ** 31 - 1, -(2 ** 31), there, there - 1, 0].map(entry),
        ]);
        const counts = states(trace).map((line) => Number(/fields (\d+)$/.exec(line)?.[1]));
        const entryFields = there > 0 ? fields : head;
        expect(counts).toEqual([0, head, head, head, head, head, head, entryFields, entryFields]);
        expect(trace.includes(`entries ${there}`)).toBe(there > 0);
      }
    },
  );

  it('of clients are requested in batches from any index', async () => {
    for (const first of [0, 8, 0x7fffffff, 0xffffffff]) {
      const trace = await play([{ step: 'clients', first, minimum: 0xffffffff - first }]);
      const [request = ''] = sent(trace);
      expect(request.slice(45)).toMatch(
        new RegExp(`^${hex32(first)}00000008${hex32(0xffffffff - first)}0+$`),
      );
      expect(request).toHaveLength('sent '.length + 2 * 520);
    }
  });
});

function hex32(number: number): string {
  return number.toString(16).padStart(8, '0');
}

describe('captured scripts', () => {
  let scripts: Script[] = [];

  beforeAll(async () => {
    scripts = await captureScripts(sandbox);
  });

  it('give the same trace in all builds', async () => {
    const complete = new Set<string>();
    for (const script of scripts) {
      const trace = await play(script);
      const [first] = script;
      if (first?.step === 'record' && !states(trace).at(-1)?.endsWith('fields 0')) complete.add(first.report);
    }
    expect([...complete].sort()).toEqual(Object.keys(requestsFor).sort());
  });

  it(
    'give the same trace in all builds when damaged',
    async () => {
      await fc.assert(
        fc.asyncProperty(anyDamage(scripts), async (script) => {
          await play(script);
        }),
        { numRuns },
      );
    },
    LONG,
  );
});

it(
  'gives the same trace in all builds for random scripts',
  async () => {
    await fc.assert(
      fc.asyncProperty(anyScript, async (script) => {
        await play(script);
      }),
      { numRuns },
    );
  },
  LONG,
);
