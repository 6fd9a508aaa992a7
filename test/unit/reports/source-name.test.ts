import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { referenceIdText, SourceName } from '../../../src/reports/source-name.ts';
import { ADDRESS, decode } from './records.ts';

const uint32 = fc.integer({ min: 0, max: 0xffffffff });
const toId = (text: string) => Buffer.from(text.padEnd(4, '\0'), 'latin1').readUInt32BE();

describe('SourceName', () => {
  it('has the requested address, and the name from the reply', () => {
    expect(decode('sourcename', { name: 'zeit.example' })).toEqual({
      address: ADDRESS,
      name: 'zeit.example',
    });
  });

  it('has no name for a reference clock', () => {
    expect(new SourceName({ address: 'GPS', name: null })).toEqual({ address: 'GPS', name: null });
  });
});

describe('referenceIdText', () => {
  it.each([
    [0x47505300, 'GPS'],
    [0x50505330, 'PPS0'],
    [0x4c4f434c, 'LOCL'],
    [0x7f000001, '127.0.0.1'],
    [0x08080808, '8.8.8.8'],
    [0xc0a80101, '192.168.1.1'],
    [0xffffffff, '255.255.255.255'],
    [0x00000001, '0.0.0.1'],
    [0x47005053, '71.0.80.83'],
    [0, ''],
  ])('reads %i as "%s"', (id, text) => {
    expect(referenceIdText(id)).toBe(text);
  });

  it('returns any name of one to four printable characters', () => {
    const character = fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code));
    fc.assert(
      fc.property(fc.string({ unit: character, minLength: 1, maxLength: 4 }), (name) => {
        expect(referenceIdText(toId(name))).toBe(name);
      }),
    );
  });

  it('returns a dotted quad for an ID that is not entirely text', () => {
    fc.assert(
      fc.property(uint32, (id) => {
        const text = referenceIdText(id);
        const quad = text.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0);
        expect(quad === id || toId(text) === id).toBe(true);
      }),
    );
  });

  it('never returns the same text for two IDs', () => {
    fc.assert(
      fc.property(uint32, uint32, (a, b) => {
        fc.pre(a !== b);
        expect(referenceIdText(a)).not.toBe(referenceIdText(b));
      }),
    );
  });
});
