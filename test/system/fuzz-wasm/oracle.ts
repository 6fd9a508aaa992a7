/** What must come of a datagram, and what a record must be like: told apart from the code that is tested. */
import { isIP } from 'node:net';
import { expect } from 'vitest';
import { fieldTypes, type ReportField } from '../../../src/reports/report-field.ts';
import { replyLength } from '../../../src/testing/reply.ts';
import { parseRequest, requestKinds } from '../../../src/testing/requests.ts';

/** A datagram is not the answer, says no or is of no use, or is the record. */
export type Verdict = 'ignored' | 'refused' | 'taken';

const HEADER = 28;

/** What a datagram that arrives after a request is to it. */
export function judge(request: Uint8Array, datagram: Uint8Array): Verdict {
  const asked = parseRequest(request);
  const kind = requestKinds.find(({ code }) => code === asked?.code);
  if (asked === null || kind === undefined) throw new Error('that was no request');
  if (datagram.length < HEADER || datagram.length > request.length) return 'ignored';
  const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.length);
  const matches =
    view.getUint32(0) === 0x0602_0000 &&
    view.getUint16(4) === asked.code &&
    view.getUint32(16) === asked.sequence;
  if (!matches) return 'ignored';
  const reply = kind.replies.find((code) => code === view.getUint16(6));
  const good = view.getUint16(8) === 0 && reply !== undefined && datagram.length >= replyLength(reply);
  return good ? 'taken' : 'refused';
}

/** A field as the generic view may show it. */
export function expectSoundField({ name, type, value, text }: ReportField): void {
  const sound = {
    none: () => false,
    uinteger: () => typeof value === 'bigint' && value === BigInt.asUintN(64, value),
    integer: () => typeof value === 'bigint' && value === BigInt.asIntN(64, value),
    float: () => typeof value === 'number' && Number.isFinite(value),
    timespec: () =>
      typeof value === 'object' &&
      value !== null &&
      value.seconds === BigInt.asIntN(64, value.seconds) &&
      value.nanoseconds >= 0 &&
      value.nanoseconds < 1e9,
    string: () =>
      value === null || (typeof value === 'string' && (name === 'name' ? isName(value) : isAddress(value))),
  };
  if (name === '' || !fieldTypes.includes(type) || !sound[type]()) {
    expect.fail(`field '${name}', ${type}: ${String(value)}, ${text}`);
  }
}

/** The C library's text of an address. */
function isAddress(text: string): boolean {
  return isIP(text) !== 0 || /^ID#\d{10}$/.test(text);
}

/** The name of a source in chrony.conf: any text but control characters, of at most 255 bytes before it was decoded. */
function isName(text: string): boolean {
  return text.length <= 255 && !/\p{Cc}/u.test(text);
}

/** Numbers that may be below zero: those with a sign. */
const SIGNED: ReadonlySet<string> = new Set(
  (
    'poll precision offset lastOffset frequency residualFreq residFreq freqOffset latestMeas origLatestMeas lowLimit ' +
    'highLimit wander peerDelay responseTime jitterAsymmetry ntpInterval ntpTimeoutInterval ntsKeInterval ' +
    'commandInterval slewedOffset originalOffset residual'
  ).split(' '),
);

/** The same, of one class only. */
const SIGNED_THERE: ReadonlySet<string> = new Set(['NtpData refTime']);

/** The greatest values of those that have one. */
const GREATEST: Readonly<Record<string, number>> = {
  'TrackingStatus stratum': 16,
  'Source stratum': 16,
  'NtpData stratum': 255,
  'NtpData version': 7,
  'NtpData remotePort': 0xffff,
  'Source reachability': 0xff,
};

/** The class of a report, as far as it is needed to make another of its objects. */
type Class = new (data: object) => object;

/** An object of a report's class: each value in its range, each name known, and nothing that its class would refuse. */
export function expectSoundRecord(record: object): void {
  expectSoundValues(record.constructor.name, record);
  if (!Object.isFrozen(record)) expect.fail(`${record.constructor.name} can be changed`);
  // its own data is as good as it is
  expect(new (record.constructor as Class)({ ...record })).toEqual(record);
}

function expectSoundValues(owner: string, values: object): void {
  for (const [name, value] of Object.entries(values)) {
    if (typeof value === 'object' && value !== null) expectSoundValues(name, value);
    else if (typeof value === 'number' ? !isInRange(owner, name, value) : !isPlain(value))
      expect.fail(`${owner}.${name}: ${String(value)}`);
  }
}

function isInRange(owner: string, name: string, value: number): boolean {
  const property = `${owner} ${name}`;
  const greatest = GREATEST[property] ?? Number.MAX_VALUE;
  const isSigned = SIGNED.has(name) || SIGNED_THERE.has(property);
  return Number.isFinite(value) && (isSigned || value >= 0) && value <= greatest;
}

/** Of the values that have no name the C library says `unknown`. */
function isPlain(value: unknown): boolean {
  if (typeof value === 'string') return !value.startsWith('unknown');
  return value === null || typeof value === 'boolean';
}
