/** The replies of chronyd to requests. The order of the checks was measured on a running chronyd. */

import type { ClientAccess, DataOf, ExtensionReportName, ReportName, Source } from 'chrony-wasm';
import { fields as activityFields } from '../reports/activity.ts';
import { fields as authFields } from '../reports/authdata.ts';
import { fields as clientFields } from '../reports/clients.ts';
import { fields as manualFields } from '../reports/manual-list.ts';
import { fields as ntpFields } from '../reports/ntpdata.ts';
import { fields as rtcFields } from '../reports/rtcdata.ts';
import { fields as selectFields } from '../reports/selectdata.ts';
import { fields as serverStatsFields } from '../reports/serverstats.ts';
import { fields as smoothingFields } from '../reports/smoothing.ts';
import { fields as sourceFields } from '../reports/sources.ts';
import { fields as statsFields } from '../reports/sourcestats.ts';
import { fields as trackingFields } from '../reports/tracking.ts';
import { addressBytes, dottedQuad, referenceIdOf, sameAddress } from './address.ts';
import { checkNames } from './check.ts';
import { encodeList, encodeRecord } from './fields.ts';
import { listOf, type ReplyCode } from './layouts.ts';
import {
  encodeRefusal,
  encodeReply,
  PROTOCOL_VERSION,
  REPLY_HEADER_LENGTH,
  ReplyStatus,
  replyLength,
} from './reply.ts';
import {
  addressIn,
  clientsRequestIn,
  indexIn,
  parseRequest,
  type Request,
  type RequestCode,
  type RequestKind,
  requestKinds,
} from './requests.ts';
import type { Scenario } from './scenario.ts';
import type { MockSource } from './sources.ts';
import { type Times, testTime } from './times.ts';

/** The second byte of a request: its packet type. */
const REQUEST = 1;
/** Requests of older protocol versions are ignored: they do not get an error reply. */
const OLDEST_VERSION = 5;

/** A reply's datagram, or the status that says why there is no record. */
type Outcome = Uint8Array | ReplyStatus;
type Handler = (scenario: Scenario, request: Request, times: Times) => Outcome;

/**
 * Returns the reply to a datagram, or null if chronyd would ignore the datagram.
 *
 * @param now - the present, which relative times count from, in seconds since the epoch
 */
export function answer(scenario: Scenario, datagram: Uint8Array, now = testTime): Uint8Array | null {
  const request = parseRequest(datagram);
  if (request === null || request.type !== REQUEST || request.version < OLDEST_VERSION) return null;
  // No reply may be longer than its request, not even a refusal.
  if (datagram.length < REPLY_HEADER_LENGTH) return null;
  const outcome = outcomeOf(scenario, request, { bits: scenario.timeBits, now });
  return typeof outcome === 'number' ? encodeRefusal(request, outcome) : outcome;
}

/**
 * Checks every name and encodes every reply once. A value that does not fit is thus reported when the scenario is
 * passed, not later, when a client sends a request.
 *
 * @param where - the function that received the scenario, for the error message
 * @throws RangeError or TypeError.
 */
export function checkScenario(scenario: Scenario, where: string): void {
  checkNames(scenario, where);
  const times = { bits: scenario.timeBits, now: testTime };
  const to = { code: 0, sequence: 0, version: PROTOCOL_VERSION, type: REQUEST, datagram: new Uint8Array(40) };
  for (const source of scenario.sources) {
    for (const record of [...Object.values(byIndex), ...Object.values(byAddress)])
      record(source, scenario, to, times);
  }
  for (const handler of Object.values(single)) handler(scenario, to, times);
  // a reply to a request for clients may hold only some of them
  for (const client of scenario.clients ?? []) encodeList(21, to, {}, clientFields, [client], times);
}

function outcomeOf(scenario: Scenario, request: Request, times: Times): Outcome {
  if (request.version !== PROTOCOL_VERSION) return ReplyStatus.BAD_VERSION;
  const kind = requestKinds.find(({ code }) => code === request.code);
  if (kind === undefined || isAmong(scenario.unknown, kind)) return ReplyStatus.INVALID;
  if (request.datagram.length < replyLength(replyOf(kind, scenario))) return ReplyStatus.BAD_LENGTH;
  if (isAmong(scenario.unauthorized, kind)) return ReplyStatus.UNAUTHORIZED;
  return handlers[kind.code](scenario, request, times);
}

function isAmong(reports: readonly (ReportName | ExtensionReportName)[], kind: RequestKind): boolean {
  return kind.reports.every((report) => reports.includes(report));
}

/** The reply code that a server of this version uses. */
function replyOf(kind: RequestKind, { serverStatsReply, ntpDataReply }: Scenario): ReplyCode {
  const [usual] = kind.replies;
  return kind.replies.find((reply) => reply === serverStatsReply || reply === ntpDataReply) ?? usual;
}

type SourceRecord = (source: MockSource, scenario: Scenario, request: Request, times: Times) => Outcome;

const single = {
  14: ({ sources }, to) => encodeReply(2, to, { sources: sources.length }),
  33: ({ tracking }, to, times) => encodeRecord(5, to, trackingFields, tracking, times),
  35: ({ rtc }, to, times) =>
    rtc === null ? ReplyStatus.NO_RTC : encodeRecord(7, to, rtcFields, rtc, times),
  41: ({ manualSamples }, to, times) =>
    encodeList(18, to, { samples: manualSamples.length }, manualFields, manualSamples, times),
  44: ({ activity }, to, times) => encodeRecord(12, to, activityFields, activity, times),
  51: ({ smoothing }, to, times) =>
    smoothing === null ? ReplyStatus.NOT_ENABLED : encodeRecord(13, to, smoothingFields, smoothing, times),
  54: ({ serverStats, serverStatsReply }, to, times) =>
    encodeRecord(serverStatsReply, to, serverStatsFields, serverStats, times),
  68: clientsAt,
} satisfies Partial<Record<RequestCode, Handler>>;

const byIndex = {
  15: ({ source }, _, to, times) => {
    // The ID of a reference clock is sent in the field of the IPv4 address.
    const address = isReferenceClock(source) ? dottedQuad(referenceIdOf(source.address)) : source.address;
    return encodeRecord(3, to, sourceFields, { ...source, address }, times);
  },
  34: ({ source, stats }, _, to, times) => {
    const address = isReferenceClock(source) ? null : stats.address;
    return encodeRecord(6, to, statsFields, { ...stats, address }, times);
  },
  69: ({ source, select }, _, to, times) => {
    const address = isReferenceClock(source) ? null : select.address;
    return encodeRecord(23, to, selectFields, { ...select, address }, times);
  },
} satisfies Partial<Record<RequestCode, SourceRecord>>;

const byAddress = {
  57: ({ ntp }, { ntpDataReply }, to, times) =>
    ntp === null ? ReplyStatus.NO_SUCH_SOURCE : encodeRecord(ntpDataReply, to, ntpFields, ntp, times),
  65: ({ name, source }, _, to) => encodeReply(19, to, { name: name ?? source.address }),
  67: ({ auth }, _, to, times) =>
    auth === null ? ReplyStatus.NO_SUCH_SOURCE : encodeRecord(20, to, authFields, auth, times),
} satisfies Partial<Record<RequestCode, SourceRecord>>;

const handlers: Readonly<Record<RequestCode, Handler>> = {
  ...single,
  15: atIndex(byIndex[15]),
  34: atIndex(byIndex[34]),
  69: atIndex(byIndex[69]),
  57: atAddress(byAddress[57]),
  65: atAddress(byAddress[65]),
  67: atAddress(byAddress[67]),
};

/**
 * Returns the clients from an index on: as many as the request wants, but no more than fit in a reply. A request
 * that would reset their counters is refused, because the mock is read-only.
 */
function clientsAt({ clients }: Scenario, request: Request, times: Times): Outcome {
  if (clients === null) return ReplyStatus.INACTIVE;
  const { firstIndex, numberClients, minimumHits, reset } = clientsRequestIn(request);
  if (reset !== 0) return ReplyStatus.FAILED;
  const indices = tableLength(clients.length);
  const most = Math.min(numberClients, listOf(21).length);
  const found: DataOf<ClientAccess>[] = [];
  let next = firstIndex;
  for (; next < indices && found.length < most; next++) {
    const client = clients[next];
    if (client !== undefined && hits(client) >= minimumHits) found.push(client);
  }
  const head = { indices, 'next index': next, clients: found.length };
  return encodeList(21, request, head, clientFields, found, times);
}

/** The length of chronyd's table for this number of clients. It starts at 16 and doubles whenever it is full. */
function tableLength(clients: number): number {
  let length = 16;
  while (length < clients) length *= 2;
  return length;
}

/** The largest of the counts by kind of request. It is compared with the minimum in a request for clients. */
function hits({ ntpHits, ntsKeHits, commandHits }: DataOf<ClientAccess>): number {
  return Math.max(ntpHits, ntsKeHits, commandHits);
}

function atIndex(record: SourceRecord): Handler {
  return (scenario, request, times) => {
    const source = scenario.sources[indexIn(request)];
    return source === undefined ? ReplyStatus.NO_SUCH_SOURCE : record(source, scenario, request, times);
  };
}

function atAddress(record: SourceRecord): Handler {
  return (scenario, request, times) => {
    const asked = addressIn(request);
    const source = scenario.sources.find((each) => hasAddress(each, asked));
    return source === undefined ? ReplyStatus.NO_SUCH_SOURCE : record(source, scenario, request, times);
  };
}

function hasAddress({ source }: MockSource, asked: Uint8Array): boolean {
  return !isReferenceClock(source) && sameAddress(addressBytes(source.address), asked);
}

/** True if the source is a reference clock, which has a name instead of an address. */
function isReferenceClock(source: DataOf<Source>): boolean {
  return source.mode === 'reference clock';
}
