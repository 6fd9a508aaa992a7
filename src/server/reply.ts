/** What the server answers, and how that is sent. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Content, plainText } from './content.ts';

export interface Answer {
  readonly status: number;
  readonly content: Content;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer, or what goes on answering for as long as it likes. */
export type Reply = Answer | ((response: ServerResponse) => void);

/** What a route knows of a request. */
export interface Asked {
  readonly query: URLSearchParams;
  /** The value of a header, empty if there is none. */
  header(name: string): string;
}

export type Route = (asked: Asked) => Reply | Promise<Reply>;

export function ok(content: Content, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status: 200, content, headers };
}

/** An answer that says in one line what is wrong and what to do. */
export function refusal(
  status: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return { status, content: plainText(message), headers };
}

function header(request: IncomingMessage, name: string): string {
  return String(request.headers[name] ?? '');
}

/** True if one of the tags is that one. */
function includesTag(tags: string, tag: string): boolean {
  return tags.split(',').some((each) => each.trim() === tag);
}

export async function send(
  request: IncomingMessage,
  response: ServerResponse,
  { status, content, headers = {} }: Answer,
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
