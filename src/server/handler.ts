/** Handles requests. Invalid and forbidden requests are refused before a route is called. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { isIP } from 'node:net';
import { connectionOf } from './connection.ts';
import { matchesName, plainName } from './host-names.ts';
import type { Log } from './log.ts';
import type { RateLimits } from './rate-limits.ts';
import { type Reply, type Route, type RouteResult, refusal, send } from './reply.ts';
import type { Settings } from './settings.ts';
import { Shares } from './shares.ts';

/** The page loads nothing from other origins, and pages of other origins cannot read from this server. */
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

/** Paths without authentication and rate limit, because health checks send no credentials. */
const OPEN_PATHS: ReadonlySet<string> = new Set(['/healthz', '/readyz']);

/** The listener that received a request. */
interface Arrival {
  /** True for a listener that is reachable only from this machine. */
  readonly isLoopback: boolean;
}

/** The refusal of a request that is invalid for any client; null for a valid request. */
function refuse(
  request: IncomingMessage,
  path: string,
  { hosts, scrapePaths }: HandlerContext,
  { isLoopback }: Arrival,
): Reply | null {
  const { method = '', headers, rawHeaders, httpVersion } = request;
  if (httpVersion !== '1.1' && httpVersion !== '1.0') {
    return refusal(505, 'this server supports only HTTP/1.1 and HTTP/1.0', CLOSE);
  }
  if (method !== 'GET' && method !== 'HEAD') {
    return refusal(405, `the method ${method} is not supported; use GET`, { Allow: 'GET, HEAD', ...CLOSE });
  }
  if (headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0) {
    return refusal(413, 'request bodies are not accepted', CLOSE);
  }
  if (!path.startsWith('/')) return refusal(400, 'the request must be for a path, like /metrics', CLOSE);
  if (rawHeaders.filter((each, index) => index % 2 === 0 && each.toLowerCase() === 'host').length > 1) {
    return refusal(400, 'the request names its host more than once', CLOSE);
  }
  const { host } = headers;
  const isScrape = !isLoopback && scrapePaths.has(path) && !mayBeBrowser(headers);
  if (host !== undefined && !isScrape && !isOurs(host, hosts)) {
    return refusal(
      403,
      `this server is not known as ${JSON.stringify(host)}; start it with --allow-host and that name`,
    );
  }
  if (isForeign(headers))
    return refusal(403, 'requests from pages of other sites are refused; open this address directly');
  return null;
}

/** Headers that browsers send and scrapers do not. */
const BROWSER_HEADERS = ['origin', 'referer', 'cookie', 'accept-language', 'upgrade-insecure-requests'];

/**
 * False only if the request certainly does not come from a browser. Over HTTP, browsers do not send
 * `Sec-Fetch-Site` to a host name, nor `Origin` with a same-origin request, and DNS rebinding makes requests to
 * this server same-origin. But Chromium always sends `Accept-Language`, which a page can change but not remove.
 */
function mayBeBrowser(headers: IncomingMessage['headers']): boolean {
  return (
    BROWSER_HEADERS.some((name) => headers[name] !== undefined) ||
    Object.keys(headers).some((name) => name.startsWith('sec-')) ||
    /^\s*mozilla\b/i.test(headers['user-agent'] ?? '')
  );
}

/**
 * True if the host is an IP address or a known name. Unknown names are refused, because another site could point
 * its name at this server's address, so that its pages could read from this server (DNS rebinding).
 */
function isOurs(header: string, hosts: readonly string[]): boolean {
  const [, bracketed, plain = ''] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d{0,5})?$/.exec(header) ?? [];
  if (isIP(bracketed ?? plain) !== 0) return true;
  const name = plainName(plain);
  return bracketed === undefined && (name === 'localhost' || hosts.some((host) => matchesName(name, host)));
}

/** True for a background request from a page of another site. Following a link to this server is allowed. */
function isForeign(headers: IncomingMessage['headers']): boolean {
  const site = headers['sec-fetch-site'];
  return (site === 'cross-site' || site === 'same-site') && headers['sec-fetch-mode'] !== 'navigate';
}

export interface HandlerContext {
  /** Returns the route for a path; undefined for an unknown path. */
  routeAt(path: string): Route | undefined;
  /** The main paths, for messages. */
  readonly paths: readonly string[];
  /** The names by which requests may address the server. */
  readonly hosts: readonly string[];
  /** The paths at which programs other than browsers may address the server by any name. */
  readonly scrapePaths: ReadonlySet<string>;
  /** Returns the current settings, which may change while the server runs. */
  settings(): Settings;
  readonly rates: RateLimits;
  /** True while the server shuts down and connections must not be reused. */
  isEnding(): boolean;
  /** The client of a request. */
  clientOf(request: IncomingMessage): string;
  /** True unless too many bytes of earlier replies wait for the client. */
  hasRoomFor(bytes: number, request: IncomingMessage): boolean;
  readonly log: Log;
}

/**
 * The maximum number of requests of a client that wait for chronyd. A Prometheus with many targets sends a request
 * for each.
 */
const WAITING = 256;
const BUSY = refusal(503, `${WAITING} requests from your address wait for chronyd already; wait for these`, {
  'Retry-After': '1',
});

const UNTAKEN = refusal(503, 'too many bytes of earlier replies wait for you; read these first', {
  'Retry-After': '1',
});

const MANY_PASSWORDS = refusal(429, 'too many passwords wait to be checked; try again in a second', {
  'Retry-After': '1',
});

interface Handling extends HandlerContext {
  /** The requests that wait for chronyd. */
  readonly waiting: Shares<IncomingMessage>;
}

/** The refusal of a request that exceeds the rate limit or lacks a valid password or token; null if it is allowed. */
async function refuseClient(
  { headers }: IncomingMessage,
  response: ServerResponse,
  { auth, rateLimit }: Settings,
  client: string,
  { rates }: Handling,
): Promise<Reply | null> {
  const waitMs = rateLimit === null ? 0 : rates.take(client, rateLimit);
  if (waitMs > 0) {
    return refusal(429, 'too many requests from your address; send fewer', {
      'Retry-After': String(Math.ceil(waitMs / 1000)),
    });
  }
  const verdict = await auth.allows(headers.authorization ?? '', client, response);
  if (verdict === 'busy') return MANY_PASSWORDS;
  if (verdict) return null;
  return refusal(401, 'send a valid user and password, or a valid bearer token', {
    'WWW-Authenticate': auth.challenge,
  });
}

async function replyTo(
  request: IncomingMessage,
  response: ServerResponse,
  settings: Settings,
  context: Handling,
  arrival: Arrival,
): Promise<RouteResult> {
  const { routeAt, paths, clientOf, hasRoomFor, waiting } = context;
  const [path = '', query] = (request.url ?? '').split(/\?(.*)/s);
  const refused = refuse(request, path, context, arrival);
  if (refused !== null) return refused;
  const client = clientOf(request);
  const isOpen = OPEN_PATHS.has(path);
  const refusedClient = isOpen ? null : await refuseClient(request, response, settings, client, context);
  if (refusedClient !== null) return refusedClient;
  const route = routeAt(path);
  if (route === undefined) return refusal(404, `there is nothing here; see /, ${paths.join(', ')}`);
  if (!isOpen && !waiting.roomFor(client, () => false).isThere) return BUSY;
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
  log.error(`unexpected error: ${message}; this is a bug in chrony-wasm, please report it`);
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  context: Handling,
  arrival: Arrival,
): Promise<void> {
  const settings = context.settings();
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
  for (const [name, value] of Object.entries(settings.headers)) response.setHeader(name, value);
  const result = await replyTo(request, response, settings, context, arrival).catch((error: unknown) => {
    logFault(error, context);
    return refusal(500, 'internal error; see the log of the server');
  });
  if (context.isEnding()) response.setHeader('Connection', 'close');
  if (typeof result !== 'function') await send(request, response, result);
  else if (request.method === 'HEAD') response.writeHead(200, { 'Content-Type': 'text/event-stream' }).end();
  else {
    const refused = result(response);
    if (refused !== null) await send(request, response, refused);
    else connectionOf(request).stream();
  }
  // logged after the reply, whose status may differ from that of the result
  if (context.log.has('debug')) {
    context.log.debug(`${context.clientOf(request)} ${request.method} ${request.url} ${response.statusCode}`);
  }
}

/** Returns a function that makes a request listener for each socket. All listeners share their limits. */
export function handlerOf(given: HandlerContext): (arrival: Arrival) => RequestListener {
  const waiting = new Shares<IncomingMessage>({ inAll: Number.POSITIVE_INFINITY, ofClient: WAITING });
  const context = { ...given, waiting };
  return (arrival) => (request, response) => {
    // a client that disconnects is not an error
    response.on('error', () => {});
    handle(request, response, context, arrival).catch((error: unknown) => {
      logFault(error, context);
      response.destroy();
    });
  };
}
