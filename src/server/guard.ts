/** What is refused before anything else is looked at, and what every answer tells the browser. */
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import type { Auth } from './auth.ts';
import { matchesName, plainName } from './names.ts';
import { type Answer, refusal } from './reply.ts';

/** The page is all from here, and nobody else's page has anything of it. */
export const SECURITY_HEADERS = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
} as const;

const CLOSE = { Connection: 'close' } as const;

/** Open to all: what asks whether the server lives carries no secrets. */
const OPEN_PATHS: ReadonlySet<string> = new Set(['/healthz', '/readyz']);

export interface Guard {
  /** Names that requests may call the server by. */
  readonly hosts: readonly string[];
  readonly auth: Auth;
}

/** What is wrong with a request; null if nothing is. */
export function refuse(request: IncomingMessage, path: string, { hosts, auth }: Guard): Answer | null {
  const { method = '', headers } = request;
  if (method !== 'GET' && method !== 'HEAD') {
    return refusal(405, `there is nothing here to ${method}; GET it`, { Allow: 'GET, HEAD', ...CLOSE });
  }
  if (headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0) {
    return refusal(413, 'a request has no body here; leave it out', CLOSE);
  }
  if (!path.startsWith('/')) return refusal(400, 'the request must be for a path, like /metrics', CLOSE);
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
 * An address is always ours. A name may be another site's, which has given it our address so that its pages may
 * read what is here (DNS rebinding): only those that are known are ours.
 */
function isOurs(header: string, hosts: readonly string[]): boolean {
  const [, bracketed, plain = ''] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d{0,5})?$/.exec(header) ?? [];
  if (isIP(bracketed ?? plain) !== 0) return true;
  const name = plainName(plain);
  return bracketed === undefined && (name === 'localhost' || hosts.some((host) => matchesName(name, host)));
}

/** True for what a page of another site asks for in the background: following a link to here is all right. */
function isForeign(headers: IncomingMessage['headers']): boolean {
  const site = headers['sec-fetch-site'];
  return (site === 'cross-site' || site === 'same-site') && headers['sec-fetch-mode'] !== 'navigate';
}
