/** Unusual requests, and the expected status of each reply. */

const HOST = 'Host: localhost';

/** A request with a start line and headers that closes the connection. */
function request(start: string, ...lines: readonly string[]): string {
  return `${[start, ...lines, 'Connection: close'].join('\r\n')}\r\n\r\n`;
}

function get(target: string, ...lines: readonly string[]): string {
  return request(`GET ${target} HTTP/1.1`, HOST, ...lines);
}

type Odd = readonly [description: string, bytes: string, status: number];

const METHODS: readonly Odd[] = [
  ['OPTIONS', request('OPTIONS * HTTP/1.1', HOST), 405],
  ['TRACE', request('TRACE / HTTP/1.1', HOST), 405],
  ['DELETE', request('DELETE /metrics HTTP/1.1', HOST), 405],
  ['PUT without a body', request('PUT /metrics HTTP/1.1', HOST), 405],
  ['PROPFIND', request('PROPFIND / HTTP/1.1', HOST), 405],
  ['an unknown method', request('FETCH / HTTP/1.1', HOST), 400],
  ['a method in lower case', request('get / HTTP/1.1', HOST), 400],
  ['no method', request('/ HTTP/1.1', HOST), 400],
  ['a method of 5000 letters', request(`${'G'.repeat(5000)} / HTTP/1.1`, HOST), 400],
];

const TARGETS: readonly Odd[] = [
  ['an absolute target', get('http://localhost/healthz'), 400],
  ['an asterisk', get('*'), 400],
  ['a host and port', get('localhost:80'), 400],
  ['nothing', request('GET  HTTP/1.1', HOST), 400],
  ['two slashes', get('//healthz'), 404],
  ['dots', get('/../healthz'), 404],
  ['encoded dots', get('/%2e%2e/healthz'), 404],
  ['an encoded letter', get('/%68ealthz'), 404],
  ['an encoded slash', get('/%2fhealthz'), 404],
  ['a slash at the end', get('/healthz/'), 404],
  ['capital letters', get('/HEALTHZ'), 404],
  ['an encoded NUL', get('/healthz%00'), 404],
  ['a backslash', get('/\\healthz'), 404],
  ['a name of JavaScript', get('/__proto__'), 404],
  ['another name of JavaScript', get('/api/constructor'), 404],
  ['half an escape', get('/%'), 404],
  ['half an escape in the query', get('/healthz?%=%zz&%'), 200],
  ['a query of 7 KiB', get(`/healthz?${'q'.repeat(7000)}`), 200],
  ['2000 parameters', get(`/healthz?${'a&'.repeat(2000)}`), 200],
  ['an empty query', get('/healthz?'), 200],
  ['two question marks', get('/healthz??'), 200],
  ['a fragment', get('/healthz#top'), 404],
  ['bytes outside ASCII', get('/h\u00e4lthz'), 400],
  ['a space', get('/health z'), 400],
  ['a tab', get('/health\tz'), 400],
  ['a NUL', get('/healthz\0'), 400],
];

const VERSIONS: readonly Odd[] = [
  ['HTTP/1.0 without a host', request('GET /healthz HTTP/1.0'), 200],
  ['HTTP/1.0 kept alive', `GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n${get('/healthz')}`, 200],
  ['HTTP/0.9', 'GET /healthz\r\n\r\n', 505],
  ['HTTP/1.2', request('GET /healthz HTTP/1.2', HOST), 400],
  ['HTTP/2.0', request('GET /healthz HTTP/2.0', HOST), 505],
  ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
  ['no protocol', request('GET /healthz 1.1', HOST), 400],
];

const HEADERS: readonly Odd[] = [
  ['a header without a colon', get('/healthz', 'nothing'), 400],
  ['a header without a name', get('/healthz', ': x'), 400],
  ['a space before the colon', get('/healthz', 'X : y'), 400],
  ['a folded header', get('/healthz', 'X: y', ' z'), 400],
  ['a NUL in a header', get('/healthz', 'X: \0'), 400],
  ['a control character in a header', get('/healthz', 'X: \x01'), 400],
  ['bytes outside ASCII in a header', get('/healthz', 'X: \u00ff'), 200],
  ['an empty header', get('/healthz', 'X:'), 200],
  ['a header that is a name of JavaScript', get('/healthz', '__proto__: x', 'constructor: y'), 200],
  ['900 headers', get('/healthz', ...Array.from({ length: 900 }, () => 'a:b')), 200],
  ['one header in 100 lines', get('/healthz', ...Array.from({ length: 100 }, () => 'Accept: x')), 200],
  ['a host with a user', get('/healthz').replace('localhost', 'a@localhost'), 403],
  ['a host with a path', get('/healthz').replace('localhost', 'localhost/x'), 403],
  ['a host that is a list', get('/healthz').replace('localhost', 'localhost, localhost'), 403],
  ['a host with a port of six digits', get('/healthz').replace('localhost', 'localhost:123456'), 403],
  ['a host with a port of letters', get('/healthz').replace('localhost', 'localhost:http'), 403],
];

const BODIES: readonly Odd[] = [
  ['a length of 0', get('/healthz', 'Content-Length: 0'), 200],
  ['the same length of 0 twice', get('/healthz', 'Content-Length: 0', 'Content-Length: 0'), 400],
  ['a negative length', get('/healthz', 'Content-Length: -1'), 400],
  ['a length with a sign', get('/healthz', 'Content-Length: +0'), 400],
  ['a length in hexadecimal', get('/healthz', 'Content-Length: 0x5'), 400],
  ['a length that is not a number', get('/healthz', 'Content-Length: five'), 400],
  ['a length of 30 digits', get('/healthz', `Content-Length: ${'9'.repeat(30)}`), 400],
  ['a length and chunks', get('/healthz', 'Content-Length: 5', 'Transfer-Encoding: chunked'), 400],
  ['an unknown encoding', get('/healthz', 'Transfer-Encoding: x'), 400],
  ['gzip and chunks', get('/healthz', 'Transfer-Encoding: gzip, chunked'), 413],
  ['chunks twice', get('/healthz', 'Transfer-Encoding: chunked, chunked'), 400],
];

const FEATURES: readonly Odd[] = [
  ['a WebSocket', get('/healthz', 'Upgrade: websocket', 'Sec-WebSocket-Key: eA=='), 200],
  ['an upgrade to HTTP/2', get('/healthz', 'Upgrade: h2c', 'HTTP2-Settings: AAAA'), 200],
  ['a range', get('/healthz', 'Range: bytes=0-1'), 200],
  ['an invalid range', get('/healthz', 'Range: bytes=9-1,x'), 200],
  ['invalid tags', get('/', 'If-None-Match: ",,,W/'), 200],
  ['any tag', get('/', 'If-None-Match: *'), 304],
  ['invalid encodings', get('/', 'Accept-Encoding: ;;q=,gzip;q=x,*'), 200],
  ['an invalid type', get('/metrics', 'Accept: ;;;,/'), 200],
  ['an invalid timeout', get('/metrics', 'X-Prometheus-Scrape-Timeout-Seconds: 1e400'), 200],
  ['invalid credentials', get('/metrics', 'Authorization: Basic \u00e4\u00f6'), 200],
  ['credentials of 7 KiB', get('/metrics', `Authorization: Basic ${'A'.repeat(7000)}`), 200],
  ['cookies', get('/healthz', 'Cookie: a=b; c'), 200],
  [
    'HEAD of events with an invalid position',
    get('/events', 'Last-Event-ID: NaN').replace('GET', 'HEAD'),
    200,
  ],
];

const LINES: readonly Odd[] = [
  ['line feeds alone', `GET /healthz HTTP/1.1\n${HOST}\nConnection: close\n\n`, 400],
  ['carriage returns alone', `GET /healthz HTTP/1.1\r${HOST}\r\r`, 400],
  ['empty lines first', `\r\n\r\n\r\n${get('/healthz')}`, 200],
  ['spaces first', ` ${get('/healthz')}`, 400],
  ['a TLS handshake', '\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03'.padEnd(170, '\0'), 400],
  ['an SSH greeting', 'SSH-2.0-OpenSSH_9.2\r\n', 400],
  ['an SMTP greeting', 'EHLO localhost\r\n', 400],
  ['the header of a proxy', `PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n${get('/healthz')}`, 400],
  ['NULs', '\0'.repeat(100), 400],
];

/** The requests; each character is a byte, as in latin1. */
export const ODD_REQUESTS: readonly Odd[] = [
  ...METHODS,
  ...TARGETS,
  ...VERSIONS,
  ...HEADERS,
  ...BODIES,
  ...FEATURES,
  ...LINES,
];
