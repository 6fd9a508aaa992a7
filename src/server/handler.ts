/** From a request to its reply. Whatever is refused is refused before a route is called. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { isIP } from 'node:net';
import { connectionOf } from './connection.ts';
import { matchesName, plainName } from './host-names.ts';
import { type Reply, type Route, type RouteResult, refusal, send } from './reply.ts';
import type { Auth } from './secrets.ts';
import { Shares } from './shares.ts';

/** The page loads nothing from other origins, and pages of other origins get nothing from here. */
const SECURITY_HEADERS = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
} as const;

const CLOSE = { Connection: 'close' } as const;

/** Paths without authentication: health checks send no credentials. */
const OPEN_PATHS: ReadonlySet<string> = new Set(['/healthz', '/readyz']);

export interface Guard {
  /** The names by which requests may address the server. */
  readonly hosts: readonly string[];
  readonly auth: Auth;
}

/** The refusal of a request; null if it is allowed. */
function refuse(request: IncomingMessage, path: string, { hosts, auth }: Guard): Reply | null {
  const { method = '', headers, rawHeaders, httpVersion } = request;
  if (httpVersion !== '1.1' && httpVersion !== '1.0') {
    return refusal(505, 'this server speaks HTTP/1.1 and HTTP/1.0', CLOSE);
  }
  if (method !== 'GET' && method !== 'HEAD') {
    return refusal(405, `there is nothing here to ${method}; GET it`, { Allow: 'GET, HEAD', ...CLOSE });
  }
  if (headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0) {
    return refusal(413, 'a request has no body here; leave it out', CLOSE);
  }
  if (!path.startsWith('/')) return refusal(400, 'the request must be for a path, like /metrics', CLOSE);
  if (rawHeaders.filter((each, index) => index % 2 === 0 && each.toLowerCase() === 'host').length > 1) {
    return refusal(400, 'the request names its host more than once', CLOSE);
  }
  const { host } = headers;
  if (host !== undefined && !isOurs(host, hosts)) {
    return refusal(
      403,
      `this server is not known as ${JSON.stringify(host)}; start it with --allow-host and that name`,
    );
  }
  if (isForeign(headers)) return refusal(403, 'a page of another site asked for this; open it by itself');
  if (!OPEN_PATHS.has(path) && !auth.allows(headers.authorization ?? '')) {
    return refusal(401, 'send a user and password, or a bearer token, that this server knows', {
      'WWW-Authenticate': auth.challenge,
    });
  }
  return null;
}

/**
 * An IP address always is. A name is accepted only if it is known: another site could give its name our address, so
 * that its pages can read from here (DNS rebinding).
 */
function isOurs(header: string, hosts: readonly string[]): boolean {
  const [, bracketed, plain = ''] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d{0,5})?$/.exec(header) ?? [];
  if (isIP(bracketed ?? plain) !== 0) return true;
  const name = plainName(plain);
  return bracketed === undefined && (name === 'localhost' || hosts.some((host) => matchesName(name, host)));
}

/** True for a background request of another site's page. Following a link to here is allowed. */
function isForeign(headers: IncomingMessage['headers']): boolean {
  const site = headers['sec-fetch-site'];
  return (site === 'cross-site' || site === 'same-site') && headers['sec-fetch-mode'] !== 'navigate';
}

export interface HandlerContext {
  readonly routes: ReadonlyMap<string, Route>;
  /** The current one: secrets may be reloaded. */
  guard(): Guard;
  /** True while the server shuts down: connections are not to be reused. */
  isEnding(): boolean;
  /** The client of a request. */
  clientOf(request: IncomingMessage): string;
  /** True unless too many bytes of earlier replies wait for the client. */
  hasRoomFor(bytes: number, request: IncomingMessage): boolean;
  log(message: string): void;
}

/** How many requests of a client may wait for chronyd at a time. A Prometheus with a fleet has a request for each target. */
const WAITING = 256;
const BUSY = refusal(503, `${WAITING} requests from your address wait for chronyd already; wait for these`, {
  'Retry-After': '1',
});

const UNTAKEN = refusal(503, 'too many bytes of earlier replies wait for you; read these first', {
  'Retry-After': '1',
});

interface Handling extends HandlerContext {
  /** The requests that wait for chronyd. */
  readonly waiting: Shares<IncomingMessage>;
}

async function replyTo(
  request: IncomingMessage,
  { routes, guard, clientOf, hasRoomFor, waiting }: Handling,
): Promise<RouteResult> {
  const [path = '', query] = (request.url ?? '').split(/\?(.*)/s);
  const refused = refuse(request, path, guard());
  if (refused !== null) return refused;
  const route = routes.get(path);
  if (route === undefined) return refusal(404, 'there is nothing here; see /, /metrics and /api');
  const client = clientOf(request);
  if (!OPEN_PATHS.has(path) && !waiting.roomFor(client, () => false).isThere) return BUSY;
  waiting.add(client, request);
  try {
    const result = await route({
      query: new URLSearchParams(query),
      header: (name) => String(request.headers[name] ?? ''),
      client,
    });
    if (typeof result === 'function' || hasRoomFor(result.content.bytes.length, request)) return result;
    return UNTAKEN;
  } finally {
    waiting.delete(client, request);
  }
}

function logFault(error: unknown, { log }: HandlerContext): void {
  const message = error instanceof Error ? error.message : String(error);
  log(`unexpected error: ${message}; this is a fault of chrony-wasm, please report it`);
}

async function handle(request: IncomingMessage, response: ServerResponse, context: Handling): Promise<void> {
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
  const result = await replyTo(request, context).catch((error: unknown) => {
    logFault(error, context);
    return refusal(500, 'a fault of the server; its log tells more');
  });
  if (context.isEnding()) response.setHeader('Connection', 'close');
  if (typeof result !== 'function') await send(request, response, result);
  else if (request.method === 'HEAD') response.writeHead(200, { 'Content-Type': 'text/event-stream' }).end();
  else {
    const refused = result(response);
    if (refused !== null) await send(request, response, refused);
    else connectionOf(request).stream();
  }
}

export function handlerOf(given: HandlerContext): RequestListener {
  const waiting = new Shares<IncomingMessage>({ inAll: Number.POSITIVE_INFINITY, ofClient: WAITING });
  const context = { ...given, waiting };
  return (request, response) => {
    // a client that disconnects is no fault
    response.on('error', () => {});
    handle(request, response, context).catch((error: unknown) => {
      logFault(error, context);
      response.destroy();
    });
  };
}
