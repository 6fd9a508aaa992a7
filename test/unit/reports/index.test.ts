/** Properties that all reports have in common. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ChronyDataError } from '../../../src/errors.ts';
import * as reports from '../../../src/reports/index.ts';
import {
  decoders,
  type ExtensionReportName,
  extensionDecoders,
  type ReportName,
} from '../../../src/reports/index.ts';
import { type FakeFields, FakeRecord } from './fake-record.ts';
import { type AnyName, data, decode, decodeRecord, fields, type ReportOf } from './records.ts';

const NAMES = Object.keys(decoders) as ReportName[];
const EXTENSIONS = Object.keys(extensionDecoders) as ExtensionReportName[];
const ALL = [...NAMES, ...EXTENSIONS];

function numbersOf(name: AnyName): string[] {
  return Object.entries(fields[name]).flatMap(([field, value]) => (typeof value === 'number' ? [field] : []));
}

/** Fields that only newer versions of chronyd send. */
const OPTIONAL =
  /^(kernel|hardware|served) |^(accepted|dropped) NTS-KE|^received (auth|inter)|^held|^NTP timestamp span/;

describe('the table of decoders', () => {
  it("contains the ten reports by name, in the C library's order", () => {
    expect(NAMES.map((name) => decoders[name].report)).toEqual(NAMES);
    expect(NAMES).toEqual([
      'tracking',
      'sources',
      'sourcestats',
      'selectdata',
      'activity',
      'authdata',
      'ntpdata',
      'serverstats',
      'rtcdata',
      'smoothing',
    ]);
  });

  it('returns the class of each report', () => {
    const classes = {
      tracking: reports.TrackingStatus,
      sources: reports.Source,
      sourcestats: reports.SourceStats,
      selectdata: reports.SelectData,
      activity: reports.Activity,
      authdata: reports.AuthData,
      ntpdata: reports.NtpData,
      serverstats: reports.ServerStats,
      rtcdata: reports.RtcData,
      smoothing: reports.Smoothing,
    } satisfies { [Name in ReportName]: abstract new (data: never) => ReportOf<Name> };
    for (const name of NAMES) expect(decode(name)).toBeInstanceOf(classes[name]);
  });
});

describe('the table of extension decoders', () => {
  it('contains each extension report by name', () => {
    expect(EXTENSIONS.map((name) => extensionDecoders[name].report)).toEqual(EXTENSIONS);
    expect(EXTENSIONS).toEqual(['sourcename', 'clients', 'manual list']);
  });

  it('returns the class of each extension report', () => {
    const classes = {
      sourcename: reports.SourceName,
      clients: reports.ClientAccess,
      'manual list': reports.ManualSample,
    } satisfies { [Name in ExtensionReportName]: abstract new (data: never) => ReportOf<Name> };
    for (const name of EXTENSIONS) expect(decode(name)).toBeInstanceOf(classes[name]);
  });
});

describe.each(ALL)('a record of %s', (name) => {
  it('is decoded to exactly the properties of its class', () => {
    const decoded = decode(name);
    expect({ ...decoded }).toStrictEqual(data[name]);
    expect(Object.keys(decoded)).toEqual(expect.arrayContaining(Object.keys(data[name])));
  });

  it('is read completely, except the reserved fields', () => {
    const record = new FakeRecord(fields[name]);
    decodeRecord(name, record);
    const expected = Object.keys(fields[name]).filter((field) => !field.startsWith('reserved'));
    expect([...record.read].sort()).toEqual(expected.sort());
  });

  it('requires every field that all versions of chronyd send', () => {
    for (const missing of Object.keys(fields[name])) {
      const rest: FakeFields = Object.fromEntries(
        Object.entries(fields[name]).filter(([field]) => field !== missing),
      );
      const decoding = () => decodeRecord(name, new FakeRecord(rest));
      if (missing.startsWith('reserved') || OPTIONAL.test(missing)) decoding();
      // a source without an address is named by its reference ID
      else if (missing === 'address' && 'reference ID' in rest && name !== 'tracking') decoding();
      else expect(decoding, missing).toThrow(ChronyDataError);
    }
  });

  it('is decoded to an immutable object', () => {
    const decoded = decode(name);
    for (const property of Object.keys(decoded))
      expect(() => Object.assign(decoded, { [property]: 1 })).toThrow(TypeError);
  });

  it('is preserved by JSON', () => {
    expect(JSON.parse(JSON.stringify(decode(name)))).toStrictEqual(data[name]);
  });
});

describe.each(ALL.filter((name) => numbersOf(name).length > 0))('the numbers of %s', (name) => {
  it('are preserved by JSON if they are valid', () => {
    // JSON has no −0; it preserves every other double
    const anything = fc.oneof(fc.double(), fc.integer({ min: 0, max: 15 })).map((value) => value + 0);
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...numbersOf(name)), anything), (changes) => {
        let decoded: object;
        try {
          decoded = decode(name, changes);
        } catch (error) {
          expect(error).toBeInstanceOf(ChronyDataError);
          return;
        }
        expect(JSON.parse(JSON.stringify(decoded))).toStrictEqual({ ...decoded });
      }),
    );
  });
});

describe('the enumerations', () => {
  it('have the names of the C library', () => {
    expect(reports.LeapStatus).toEqual({
      NORMAL: 'normal',
      INSERT: 'insert second',
      DELETE: 'delete second',
      UNSYNC: 'not synchronized',
    });
    expect(reports.SourceState).toEqual({
      SELECTED: 'selected',
      NONSELECTABLE: 'nonselectable',
      FALSETICKER: 'falseticker',
      JITTERY: 'jittery',
      UNSELECTED: 'unselected',
      SELECTABLE: 'selectable',
    });
    expect(reports.SourceMode).toEqual({ CLIENT: 'client', PEER: 'peer', REFCLOCK: 'reference clock' });
    expect(Object.values(reports.SelectState)).toEqual([
      'ignored',
      'not synchronized',
      'missing samples',
      'unacceptable distance',
      'large distance',
      'jittery',
      'waiting for others',
      'missing selectable sources',
      'stale',
      'orphan',
      'not trusted',
      'not preferred',
      'waiting for update',
      'falseticker',
      'combined',
      'best',
      'stratum out of range',
    ]);
    expect(Object.values(reports.SelectOption)).toEqual(['noselect', 'prefer', 'trust', 'require']);
    expect(Object.values(reports.AuthMode)).toEqual(['none', 'symmetric key', 'NTS']);
    expect(Object.values(reports.AuthKeyType)).toEqual([
      'MD5',
      'SHA1',
      'SHA256',
      'SHA384',
      'SHA512',
      'SHA3-224',
      'SHA3-256',
      'SHA3-384',
      'SHA3-512',
      'TIGER',
      'WHIRLPOOL',
      'AES128',
      'AES256',
      'AEAD-AES-SIV-CMAC-256',
      'AEAD-AES-128-GCM-SIV',
    ]);
    expect(Object.values(reports.NtpMode)).toEqual(['active symmetric', 'passive symmetric', 'server']);
    expect(Object.values(reports.Timestamping)).toEqual(['daemon', 'kernel', 'hardware']);
  });
});
