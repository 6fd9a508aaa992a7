/** The requests of chronyd's control protocol, and their 20-byte header. */
import type { ExtensionReportName, ReportName } from 'chrony-wasm';
import { ADDRESS_SIZE } from './address.ts';
import type { ReplyCode } from './layouts.ts';
import type { RequestHeader } from './reply.ts';

/** A kind of request. */
export interface RequestKind {
  /** The request code. */
  readonly code: number;
  /** The kind of body. */
  readonly body: 'nothing' | 'index' | 'address' | 'clients';
  /** The codes of its possible replies. The server's version determines which one is sent. */
  readonly replies: readonly [ReplyCode, ...ReplyCode[]];
  /** The reports that need its reply. */
  readonly reports: readonly (ReportName | ExtensionReportName)[];
}

const perSource = ['sources', 'sourcestats', 'selectdata', 'authdata', 'ntpdata'] as const;

/** Every request that this mock can answer. */
export const requestKinds = [
  { code: 14, body: 'nothing', replies: [2], reports: perSource },
  { code: 15, body: 'index', replies: [3], reports: ['sources'] },
  { code: 33, body: 'nothing', replies: [5], reports: ['tracking'] },
  { code: 34, body: 'index', replies: [6], reports: ['sourcestats'] },
  { code: 35, body: 'nothing', replies: [7], reports: ['rtcdata'] },
  { code: 41, body: 'nothing', replies: [18], reports: ['manual list'] },
  { code: 44, body: 'nothing', replies: [12], reports: ['activity'] },
  { code: 51, body: 'nothing', replies: [13], reports: ['smoothing'] },
  { code: 54, body: 'nothing', replies: [14, 22, 24, 25], reports: ['serverstats'] },
  { code: 57, body: 'address', replies: [16, 26], reports: ['ntpdata'] },
  { code: 65, body: 'address', replies: [19], reports: ['sourcename'] },
  { code: 67, body: 'address', replies: [20], reports: ['authdata'] },
  { code: 68, body: 'clients', replies: [21], reports: ['clients'] },
  { code: 69, body: 'index', replies: [23], reports: ['selectdata'] },
] as const satisfies readonly RequestKind[];

/** The code of a request that this mock can answer. */
export type RequestCode = (typeof requestKinds)[number]['code'];

/** Size of a request's header in bytes. */
export const REQUEST_HEADER_LENGTH = 20;

/** A request's header and what follows it. */
export interface Request extends RequestHeader {
  /** Protocol version: 6. */
  readonly version: number;
  /** Packet type: 1. */
  readonly type: number;
  /** The whole datagram. */
  readonly datagram: Uint8Array;
}

/** Reads a request's header without validating it. Null if the datagram is shorter than a header. */
export function parseRequest(datagram: Uint8Array): Request | null {
  if (datagram.length < REQUEST_HEADER_LENGTH) return null;
  const view = viewOf(datagram);
  return {
    version: view.getUint8(0),
    type: view.getUint8(1),
    code: view.getUint16(4),
    sequence: view.getUint32(8),
    datagram,
  };
}

/** The record number in a request's body. */
export function indexIn(request: Pick<Request, 'datagram'>): number {
  return viewOf(request.datagram).getUint32(REQUEST_HEADER_LENGTH);
}

/** The body of a request for clients. */
export interface ClientsRequest {
  /** The index in chronyd's table of clients to start from. */
  readonly firstIndex: number;
  /** The maximum number of clients in the reply. */
  readonly numberClients: number;
  /** Clients with fewer requests of every kind are left out. */
  readonly minimumHits: number;
  /** chronyd resets the counters of these clients if this is not 0. */
  readonly reset: number;
}

/** Reads the body of a request for clients. */
export function clientsRequestIn(request: Pick<Request, 'datagram'>): ClientsRequest {
  const view = viewOf(request.datagram);
  const word = (index: number): number => view.getUint32(REQUEST_HEADER_LENGTH + 4 * index);
  return { firstIndex: word(0), numberClients: word(1), minimumHits: word(2), reset: word(3) };
}

/** The address in a request's body. */
export function addressIn(request: Request): Uint8Array {
  return request.datagram.subarray(REQUEST_HEADER_LENGTH, REQUEST_HEADER_LENGTH + ADDRESS_SIZE);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
