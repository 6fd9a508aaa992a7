/** The replies of the server: the result of a route, and how it is sent. */
import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

/** The minimum size of compressed content, in bytes. Smaller content fits into one packet anyway. */
const MIN_COMPRESSED = 1024;

const compress = promisify(gzip);

/** The content of a reply, which is compressed at most once, however often it is sent. */
export class Content {
  readonly type: string;
  readonly bytes: Buffer;
  #compressed: Promise<Buffer> | null = null;

  constructor(type: string, data: string | Buffer) {
    this.type = type;
    this.bytes = Buffer.from(data);
  }

  get isCompressible(): boolean {
    return this.bytes.length >= MIN_COMPRESSED;
  }

  compressed(): Promise<Buffer> {
    this.#compressed ??= compress(this.bytes);
    return this.#compressed;
  }

  /** Returns an entity tag. It is weak, because the plain and the compressed form share it. */
  tag(): string {
    return `W/"${createHash('sha256').update(this.bytes).digest('base64url')}"`;
  }
}

export function plainText(text: string): Content {
  return new Content('text/plain; charset=utf-8', `${text}\n`);
}

export interface Reply {
  readonly status: number;
  readonly content: Content;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A function that writes the response itself, for any length of time, or returns a refusal. */
export type Stream = (response: ServerResponse) => Reply | null;

export type RouteResult = Reply | Stream;

/** The part of a request that a route needs. */
export interface RouteRequest {
  readonly query: URLSearchParams;
  /** The value of a header, empty if there is none. */
  header(name: string): string;
  /** The client, as limits count it. */
  readonly client: string;
}

export type Route = (request: RouteRequest) => RouteResult | Promise<RouteResult>;

/** By path. */
export type Routes = ReadonlyMap<string, Route>;

export const JSON_TYPE = 'application/json';

export function ok(content: Content, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status: 200, content, headers };
}

/** A one-line reply with the error and advice. */
export function refusal(
  status: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Reply {
  return { status, content: plainText(message), headers };
}

function header(request: IncomingMessage, name: string): string {
  return String(request.headers[name] ?? '');
}

/** @param tags - tags separated by commas, or `*` for any; weak and strong tags are equal here */
export function includesTag(tags: string, tag: string): boolean {
  const plain = (each: string): string => each.trim().replace(/^W\//, '');
  return tags.split(',').some((each) => plain(each) === '*' || plain(each) === plain(tag));
}

export async function send(
  request: IncomingMessage,
  response: ServerResponse,
  { status, content, headers = {} }: Reply,
): Promise<void> {
  if (content.isCompressible) response.setHeader('Vary', 'Accept-Encoding');
  const { ETag: tag } = headers;
  if (tag !== undefined && includesTag(header(request, 'if-none-match'), tag)) {
    response.writeHead(304, headers).end();
    return;
  }
  const zipped =
    content.isCompressible &&
    /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/.test(header(request, 'accept-encoding'));
  const body = zipped ? await content.compressed() : content.bytes;
  response.writeHead(status, {
    'Content-Type': content.type,
    'Content-Length': body.length,
    'Cache-Control': 'no-store',
    ...(zipped && { 'Content-Encoding': 'gzip' }),
    ...headers,
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}
