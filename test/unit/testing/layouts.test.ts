import { describe, expect, it } from 'vitest';
import { layouts, lengthOf, listOf, type ReplyCode, rowsOf } from '../../../src/testing/layouts.ts';
import { encodeRefusal, encodeReply, ReplyStatus, replyLength } from '../../../src/testing/reply.ts';
import { requestKinds } from '../../../src/testing/requests.ts';
import { encode, sizeOf, type WireType } from '../../../src/testing/wire.ts';
import { hex } from './support.ts';

const replies = Object.keys(layouts).map(Number) as ReplyCode[];
const to = { code: 0x21, sequence: 0xcafe_f00d };

/** A value for each wire type with bytes that are not all zero. */
function sample(type: WireType): Uint8Array {
  if (type === 'addr') return encode(type, '192.0.2.1');
  if (type === 'ts') return encode(type, { high: 1, low: 2, nanoseconds: 3 });
  if (type === 'text') return encode(type, 'name');
  return encode(type, 100);
}

function sampleValue(type: WireType): unknown {
  if (type === 'addr') return '192.0.2.1';
  if (type === 'ts') return { high: 1, low: 2, nanoseconds: 3 };
  return type === 'text' ? 'name' : 100;
}

describe('layouts', () => {
  it.each([
    // measured on a live chronyd 4.3, which refuses a shorter request
    [2, 32],
    [3, 76],
    [5, 104],
    [6, 84],
    [7, 56],
    [12, 48],
    [13, 52],
    [16, 152],
    [18, 416],
    [19, 284],
    [20, 52],
    [21, 520],
    [23, 76],
    [24, 72],
    // computed by hand: five and eight 32-bit words, 21 64-bit words, and reply 16 with five more words
    [14, 48],
    [22, 60],
    [25, 196],
    [26, 172],
  ] as const)('reply %d is %d bytes long', (reply, length) => expect(replyLength(reply)).toBe(length));

  it.each(replies)('reply %d names every field once', (reply) => {
    for (const rows of [rowsOf(reply), listOf(reply).entry]) {
      const names = rows.map(([name]) => name);
      expect(new Set(names).size).toBe(names.length);
    }
  });

  it.each(replies)('reply %d puts every field in its place', (reply) => {
    let offset = 28;
    for (const [name, type] of rowsOf(reply)) {
      const datagram = encodeReply(reply, to, { [name]: sampleValue(type) });
      const expected = new Uint8Array(replyLength(reply));
      expected.set(encodeReply(reply, to, {}).subarray(0, 28));
      expected.set(sample(type), offset);
      expect(hex(datagram), name).toBe(hex(expected));
      offset += sizeOf(type);
    }
  });

  it.each([18, 21] as const)('reply %d puts every field of every entry in its place', (reply) => {
    const { length, entry } = listOf(reply);
    let offset = 28 + lengthOf(rowsOf(reply));
    for (let i = 0; i < length; i++) {
      for (const [name, type] of entry) {
        const entries = Array.from({ length: i + 1 }, (_, at) =>
          at === i ? { [name]: sampleValue(type) } : {},
        );
        const expected = new Uint8Array(replyLength(reply));
        expected.set(encodeReply(reply, to, {}).subarray(0, 28));
        expected.set(sample(type), offset);
        expect(hex(encodeReply(reply, to, {}, entries)), `${i} ${name}`).toBe(hex(expected));
        offset += sizeOf(type);
      }
    }
    expect(offset).toBe(replyLength(reply));
    expect(() => encodeReply(reply, to, {}, Array(length + 1).fill({}))).toThrow(RangeError);
  });

  it('belong to the replies of a request', () => {
    const answers = requestKinds.flatMap((kind) => [...kind.replies]);
    expect(answers.sort((a, b) => a - b)).toEqual(replies);
  });
});

describe('headers', () => {
  it('repeat code and sequence', () => {
    const datagram = encodeReply(2, to, { sources: 3 });
    expect(hex(datagram)).toBe(
      '06020000' + // version, type, reserved
        '00210002' + // request code, reply code
        '0000000000000000' + // status, padding
        'cafef00d' +
        '0000000000000000' + // padding
        '00000003',
    );
  });

  it('contain the status of a refusal', () => {
    expect(hex(encodeRefusal(to, ReplyStatus.BAD_LENGTH))).toBe(
      `060200000021000100130000${'00'.repeat(4)}cafef00d${'00'.repeat(8)}`,
    );
  });
});
