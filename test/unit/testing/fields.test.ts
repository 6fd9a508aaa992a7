/** For every row of the documented tables: the C library decodes the value that the mock encodes, under the same name. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChronyConnection, type ReportField, type Timespec } from '../../../src/index.ts';
import { type MockChronyd, startMockChronyd } from '../../../src/testing/index.ts';
import type { ReplyCode, ReplyValues } from '../../../src/testing/layouts.ts';
import { encodeReply } from '../../../src/testing/reply.ts';
import { timespec } from '../../../src/testing/wire.ts';
import { documented, names } from './documented-fields.ts';

type WireValue = number | bigint | string | null | { high: number; low: number; nanoseconds: number };

/** For each wire type: its extreme values, as sent and as read. */
const samples: Readonly<
  Record<
    string,
    { type: ReportField['type']; values: readonly [sent: unknown, read: ReportField['value']][] }
  >
> = {
  u8: { type: 'uinteger', values: [0, 1, 0x80, 0xff].map((n) => [n, BigInt(n)]) },
  u16: { type: 'uinteger', values: [0, 1, 0x8000, 0xffff].map((n) => [n, BigInt(n)]) },
  u32: { type: 'uinteger', values: [0, 1, 0x80000000, 0xffffffff].map((n) => [n, BigInt(n)]) },
  u64: { type: 'uinteger', values: [0n, 1n, 2n ** 53n + 1n, 2n ** 63n, 2n ** 64n - 1n].map((n) => [n, n]) },
  i8: { type: 'integer', values: [0, -1, -128, 127].map((n) => [n, BigInt(n)]) },
  i16: { type: 'integer', values: [0, -1, -2, -32768, 32767].map((n) => [n, BigInt(n)]) },
  f32: { type: 'float', values: [0, 0.5, -0.5, 1, -1, 2 ** -20, -1234.5, 2 ** 30].map((n) => [n, n]) },
  ts: {
    type: 'timespec',
    values: [0, 1, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1].map((seconds): [unknown, Timespec] => [
      { ...timespec(seconds), nanoseconds: 999_999_999 },
      { seconds: BigInt(seconds), nanoseconds: 999_999_999 },
    ]),
  },
  addr: {
    type: 'string',
    values: [null, '192.0.2.255', '2001:db8::1', '::', 'ID#0000000042'].map((text) => [text, text]),
  },
};

/** The reply that the mock sends to any request for a report. */
interface Reply {
  readonly code: ReplyCode;
  readonly values: Readonly<Record<string, WireValue>>;
}

let mock: MockChronyd;
let chrony: ChronyConnection;
let reply: Reply;

/** The requests that precede the request for a record: the number of sources, and the address of a source. */
const SOURCES = 14;
const SOURCE_ADDRESS = 34;

beforeAll(async () => {
  mock = await startMockChronyd('synchronized', {
    intercept: (request) => {
      if (request.code === SOURCES) return [encodeReply(2, request, { sources: 1 })];
      const { code, values } = reply;
      const isLookup = request.code === SOURCE_ADDRESS && code !== 6;
      if (isLookup) return [encodeReply(6, request, { address: '192.0.2.1' })];
      return [encodeReply(code, request, values as Partial<ReplyValues<ReplyCode>>)];
    },
  });
  chrony = await ChronyConnection.open(mock.address);
});
afterAll(async () => {
  await chrony?.close();
  await mock?.close();
});

async function read(report: string, code: ReplyCode, values: Reply['values']): Promise<ReportField[]> {
  reply = { code, values };
  const [record] = await chrony.getReport(report);
  return record ?? expect.fail('no record');
}

describe.each(documented)('%s, reply %i', (report, code, text) => {
  const rows = [...text.matchAll(/^ {2}(.+): (\w+) (\w+)$/gm)].map(
    ([, name = '', wire = '', content = '']) => ({
      name,
      wire,
      content: content.toLowerCase(),
    }),
  );

  it('has these fields, in this order', async () => {
    const record = await read(report, code, {});
    expect(record.map(({ name }) => name)).toEqual(rows.map(({ name }) => name));
  });

  it.each(rows)('$name: $wire, $content', async ({ name, wire, content }) => {
    const sample = samples[wire] ?? expect.fail(`no samples of ${wire}`);
    for (const [sent, value] of sample.values) {
      const record = await read(report, code, { [name]: sent as WireValue });
      const field = record.find((candidate) => candidate.name === name);
      const unspecified = content === 'address' && value === null;
      expect(field).toMatchObject({ type: sample.type, content: unspecified ? 'none' : content, value });
      // the value does not affect any other field
      const zero = await read(report, code, {});
      for (const [i, other] of record.entries()) if (other.name !== name) expect(other).toEqual(zero[i]);
    }
  });
});

describe('the names of values', () => {
  const reports = new Map(documented.map(([report, code]) => [code, report]));

  it.each(names)('reply %i, %s', async (code, field, text) => {
    const report = reports.get(code) ?? expect.fail();
    const entries = text.split(', ').map((entry) => {
      const [value = '', ...words] = entry.split(' ');
      const number = /^\d+$/.test(value) ? Number(value) : value.charCodeAt(0);
      return { number, name: words.join(' ') };
    });
    const textOf = async (number: number): Promise<string | undefined> =>
      (await read(report, code, { [field]: number })).find(({ name }) => name === field)?.text;

    for (const { number, name } of entries) expect(await textOf(number)).toBe(name);

    if (field === 'flags' || field.endsWith('options')) {
      const all = entries.reduce((sum, { number }) => sum + number, 0);
      const inBitOrder = entries.toSorted((a, b) => a.number - b.number).map(({ name }) => name);
      expect(await textOf(all)).toBe(inBitOrder.join(', '));
      expect(await textOf(0)).toBe('');
    } else {
      const known = new Set(entries.map(({ number }) => number));
      for (let number = 0; number < 256; number++) {
        if (!known.has(number)) expect(await textOf(number)).toBe(`unknown (${number})`);
      }
    }
  });
});

describe('a reference clock among the sources', () => {
  it('has a reference ID in place of its address', async () => {
    const [first] = await read('sources', 3, { mode: 2, address: '71.80.83.0' });
    expect(first).toEqual({
      name: 'reference ID',
      type: 'uinteger',
      content: 'reference_id',
      value: 0x47505300n,
    });
  });
});

describe('times of a server with 32-bit times', () => {
  it('have no high word, and nanoseconds are limited to 999 999 999', async () => {
    const record = await read('tracking', 5, {
      'reference time': { high: 0x7fffffff, low: 0x7ffffff0, nanoseconds: 0xffffffff },
    });
    const time = record.find(({ name }) => name === 'reference time');
    expect(time?.value).toEqual({ seconds: 0x7ffffff0n, nanoseconds: 999_999_999 });
  });
});
