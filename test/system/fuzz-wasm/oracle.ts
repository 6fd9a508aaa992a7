/** The expected result of a datagram, and the rules for a valid record, independent of the code under test. */
import { isIP } from 'node:net';
import { expect } from 'vitest';
import { fieldTypes, type ReportField } from '../../../src/reports/report-field.ts';
import { replyLength } from '../../../src/testing/reply.ts';
import { parseRequest, requestKinds } from '../../../src/testing/requests.ts';

/** A datagram that is not the answer, an error status or an unusable reply, or a valid reply. */
export type Verdict = 'ignored' | 'refused' | 'taken';

const HEADER = 28;

/** Classifies a datagram that arrives after a request. */
export function judge(request: Uint8Array, datagram: Uint8Array): Verdict {
  const asked = parseRequest(request);
  const kind = requestKinds.find(({ code }) => code === asked?.code);
  if (asked === null || kind === undefined) throw new Error('the datagram is not a request');
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

/** Expects a valid field of the generic view. */
export function expectValidField({ name, type, value, text }: ReportField): void {
  const isValid = {
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
  if (name === '' || !fieldTypes.includes(type) || !isValid[type]()) {
    expect.fail(`field '${name}', ${type}: ${String(value)}, ${text}`);
  }
}

/** True for an address as the C library formats it. */
function isAddress(text: string): boolean {
  return isIP(text) !== 0 || /^ID#\d{10}$/.test(text);
}

/** True for a source name as in chrony.conf: no control characters, and at most 255 bytes before decoding. */
function isName(text: string): boolean {
  return text.length <= 255 && !/\p{Cc}/u.test(text);
}

/** The fields that may be negative. */
const SIGNED: ReadonlySet<string> = new Set(
  (
    'poll precision offset lastOffset frequency residualFreq residFreq freqOffset latestMeas origLatestMeas lowLimit ' +
    'highLimit wander peerDelay responseTime jitterAsymmetry ntpInterval ntpTimeoutInterval ntsKeInterval ' +
    'commandInterval slewedOffset originalOffset residual'
  ).split(' '),
);

/** Fields that may be negative in one class only. */
const SIGNED_PROPERTIES: ReadonlySet<string> = new Set(['NtpData refTime']);

/** The maximum values of fields that have one. */
const MAXIMUM: Readonly<Record<string, number>> = {
  'TrackingStatus stratum': 16,
  'Source stratum': 16,
  'NtpData stratum': 255,
  'NtpData version': 7,
  'NtpData remotePort': 0xffff,
  'Source reachability': 0xff,
};

/** The class of a report, as a constructor of a new object from the same data. */
type Class = new (data: object) => object;

/** Expects an object of a report's class: values in range, known names, and data that its class accepts. */
export function expectValidRecord(record: object): void {
  expectValidValues(record.constructor.name, record);
  if (!Object.isFrozen(record)) expect.fail(`${record.constructor.name} can be changed`);
  // The class must accept the data of its own object.
  expect(new (record.constructor as Class)({ ...record })).toEqual(record);
}

function expectValidValues(owner: string, values: object): void {
  for (const [name, value] of Object.entries(values)) {
    if (typeof value === 'object' && value !== null) expectValidValues(name, value);
    else if (typeof value === 'number' ? !isInRange(owner, name, value) : !isPlain(value))
      expect.fail(`${owner}.${name}: ${String(value)}`);
  }
}

function isInRange(owner: string, name: string, value: number): boolean {
  const property = `${owner} ${name}`;
  const maximum = MAXIMUM[property] ?? Number.MAX_VALUE;
  const isSigned = SIGNED.has(name) || SIGNED_PROPERTIES.has(property);
  return Number.isFinite(value) && (isSigned || value >= 0) && value <= maximum;
}

/** True for a plain value. The C library gives `unknown` for values without a name. */
function isPlain(value: unknown): boolean {
  if (typeof value === 'string') return !value.startsWith('unknown');
  return value === null || typeof value === 'boolean';
}
