/** TLS: translates the configuration to options of Node.js, and checks clients' certificates. */

import { constants } from 'node:crypto';
import type { Socket } from 'node:net';
import {
  createSecureContext,
  createServer,
  type PeerCertificate,
  type SecureContextOptions,
  type SecureVersion,
  type Server,
  type TLSSocket,
} from 'node:tls';
import { canonicalAddress } from '../socket/canonical-address.ts';
import type { Files, Source } from '../util/files.ts';
import { ServerError } from './options.ts';

/** The versions, from the oldest to the newest. */
export const TLS_VERSIONS = ['TLS10', 'TLS11', 'TLS12', 'TLS13'] as const;
export type TlsVersion = (typeof TLS_VERSIONS)[number];

const NODE_VERSIONS: Readonly<Record<TlsVersion, SecureVersion>> = {
  TLS10: 'TLSv1',
  TLS11: 'TLSv1.1',
  TLS12: 'TLSv1.2',
  TLS13: 'TLSv1.3',
};

/** The policies for client certificates. */
export const CLIENT_AUTH_TYPES = [
  'NoClientCert',
  'RequestClientCert',
  'RequireAnyClientCert',
  // an older name of the previous type
  'RequireClientCert',
  'VerifyClientCertIfGiven',
  'RequireAndVerifyClientCert',
] as const;
export type ClientAuthType = (typeof CLIENT_AUTH_TYPES)[number];

/** OpenSSL's names by the IANA names, which Go uses. The ciphers of TLS 1.3 are always on. */
const CIPHERS = {
  TLS_AES_128_GCM_SHA256: null,
  TLS_AES_256_GCM_SHA384: null,
  TLS_CHACHA20_POLY1305_SHA256: null,
  TLS_RSA_WITH_AES_128_CBC_SHA: 'AES128-SHA',
  TLS_RSA_WITH_AES_256_CBC_SHA: 'AES256-SHA',
  TLS_RSA_WITH_AES_128_GCM_SHA256: 'AES128-GCM-SHA256',
  TLS_RSA_WITH_AES_256_GCM_SHA384: 'AES256-GCM-SHA384',
  TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA: 'ECDHE-ECDSA-AES128-SHA',
  TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA: 'ECDHE-ECDSA-AES256-SHA',
  TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA: 'ECDHE-RSA-AES128-SHA',
  TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA: 'ECDHE-RSA-AES256-SHA',
  TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256: 'ECDHE-ECDSA-AES128-GCM-SHA256',
  TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384: 'ECDHE-ECDSA-AES256-GCM-SHA384',
  TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256: 'ECDHE-RSA-AES128-GCM-SHA256',
  TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384: 'ECDHE-RSA-AES256-GCM-SHA384',
  TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256: 'ECDHE-RSA-CHACHA20-POLY1305',
  TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256: 'ECDHE-ECDSA-CHACHA20-POLY1305',
} as const;
type CipherSuite = keyof typeof CIPHERS;
export const CIPHER_SUITES = Object.keys(CIPHERS) as readonly CipherSuite[];
const TLS13_CIPHERS = CIPHER_SUITES.filter((name) => CIPHERS[name] === null);

/** OpenSSL's names by Go's names. */
const CURVE_NAMES = { CurveP256: 'P-256', CurveP384: 'P-384', CurveP521: 'P-521', X25519: 'X25519' } as const;
type Curve = keyof typeof CURVE_NAMES;
export const CURVES = Object.keys(CURVE_NAMES) as readonly Curve[];

/** `tls_server_config` of the configuration. */
export interface TlsConfig {
  readonly cert: Source;
  readonly key: Source;
  /** The CA that verifies the certificates of clients. */
  readonly clientCa: Source | null;
  readonly clientAuth: ClientAuthType;
  /** If not empty, a client's certificate must have one of these names. */
  readonly allowedSans: readonly string[];
  readonly minVersion: TlsVersion;
  readonly maxVersion: TlsVersion;
  /** The ciphers up to TLS 1.2; if empty, those of Node.js. */
  readonly cipherSuites: readonly CipherSuite[];
  readonly prefersOwnOrder: boolean;
  /** The curves; if empty, those of Node.js. */
  readonly curves: readonly Curve[];
}

/** Defaults for `--tls-cert` and `--tls-key`. */
export const TLS_DEFAULTS = {
  clientCa: null,
  clientAuth: 'NoClientCert',
  allowedSans: [],
  minVersion: 'TLS12',
  maxVersion: 'TLS13',
  cipherSuites: [],
  prefersOwnOrder: true,
  curves: [],
} as const satisfies Omit<TlsConfig, 'cert' | 'key'>;

/** A configuration whose files have been read and validated. */
export interface TlsSettings {
  readonly context: SecureContextOptions;
  readonly clientAuth: ClientAuthType;
  readonly allowedSans: readonly string[];
}

/** The label of a source in messages. */
function labelOf({ name, path }: Source): string {
  return path === null ? name : `${name} ${path}`;
}

/** @throws ServerError if a file cannot be read, or if the certificate and the key do not match. */
export function readTls(config: TlsConfig, files: Files): TlsSettings {
  const { cert, key, clientCa, clientAuth, allowedSans, curves } = config;
  const pair: SecureContextOptions = { cert: files.readSource(cert), key: files.readSource(key) };
  const refuse = (error: unknown, what: string, advice: string): never => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ServerError(`${what}: ${reason}; ${advice}`, { cause: error });
  };
  try {
    createSecureContext(pair);
  } catch (error) {
    refuse(
      error,
      `${labelOf(cert)} and ${labelOf(key)} cannot be used together`,
      'both must be PEM, and belong together',
    );
  }
  const ca = clientCa === null ? {} : { ca: files.readSource(clientCa) };
  if (clientCa !== null && !String(ca.ca).includes('-----BEGIN CERTIFICATE-----')) {
    throw new ServerError(`${labelOf(clientCa)}: there is no certificate in it; it must be PEM`);
  }
  try {
    createSecureContext(ca);
  } catch (error) {
    if (clientCa !== null) refuse(error, `${labelOf(clientCa)} cannot be used`, 'it must be PEM');
  }
  const context = {
    ...pair,
    ...ca,
    ...protocolOf(config),
    ...(curves.length === 0 ? {} : { ecdhCurve: curves.map((curve) => CURVE_NAMES[curve]).join(':') }),
  };
  try {
    createSecureContext(context);
  } catch (error) {
    refuse(error, 'these settings of TLS cannot be used', 'change the versions, ciphers or curves');
  }
  return { context, clientAuth, allowedSans };
}

function protocolOf({
  minVersion,
  maxVersion,
  cipherSuites,
  prefersOwnOrder,
  clientAuth,
}: TlsConfig): SecureContextOptions {
  const isOld = TLS_VERSIONS.indexOf(minVersion) < TLS_VERSIONS.indexOf('TLS12');
  const names = cipherSuites.flatMap((name) => CIPHERS[name] ?? []);
  const chosen = cipherSuites.length === 0 ? [] : [...TLS13_CIPHERS, ...names];
  // OpenSSL supports versions before 1.2 only at this security level
  const ciphers = isOld ? [...(chosen.length === 0 ? ['DEFAULT'] : chosen), '@SECLEVEL=0'] : chosen;
  return {
    minVersion: NODE_VERSIONS[minVersion],
    maxVersion: NODE_VERSIONS[maxVersion],
    ...(ciphers.length === 0 ? {} : { ciphers: ciphers.join(':') }),
    honorCipherOrder: prefersOwnOrder,
    // a resumed session would reuse a certificate that was verified long ago
    ...(clientAuth === 'NoClientCert' ? {} : { secureOptions: constants.SSL_OP_NO_TICKET }),
  };
}

/** The subject alternative names of a certificate. A value with a comma or a quote is quoted like JSON. */
function sansOf({ subjectaltname = '' }: PeerCertificate): readonly string[] {
  const parts = subjectaltname.matchAll(
    /(?:^|, )(DNS|IP Address|email|URI):("(?:[^"\\]|\\.)*"|[^,"]*)(?=, |$)/g,
  );
  return Array.from(parts, ([, , value = '']) =>
    value.startsWith('"') ? (JSON.parse(value) as string) : value,
  );
}

/** Returns an IPv6 address in canonical form, and any other text unchanged. */
function plain(san: string): string {
  try {
    return /^[\da-f:.]+$/i.test(san) && san.includes(':') ? canonicalAddress(san.toLowerCase()) : san;
  } catch {
    return san;
  }
}

/** The reason why a client is refused; null if it is accepted. */
function refusalOf(socket: TLSSocket, { clientAuth, allowedSans }: TlsSettings): string | null {
  if (clientAuth === 'NoClientCert' || clientAuth === 'RequestClientCert') return null;
  // null if the socket was closed meanwhile, although its type does not allow null
  const certificate = (socket.getPeerCertificate() as PeerCertificate | null) ?? ({} as PeerCertificate);
  const isGiven = Object.keys(certificate).length > 0;
  if (!isGiven) return clientAuth === 'VerifyClientCertIfGiven' ? null : 'it has no certificate';
  if (clientAuth.includes('Verify') && !socket.authorized) {
    return `its certificate is refused: ${String(socket.authorizationError)}`;
  }
  if (allowedSans.length === 0) return null;
  const names = sansOf(certificate).map(plain);
  return allowedSans.some((each) => names.includes(plain(each)))
    ? null
    : `its certificate is for ${JSON.stringify(names)}, of which client_allowed_sans has none`;
}

/** Does the handshakes of a listener. Each new connection uses the current settings. */
export class Handshakes {
  readonly #timeoutMs: number;
  readonly #onSecure: (socket: TLSSocket) => void;
  readonly #onRefused: (socket: Socket, reason: string) => void;
  #settings: TlsSettings | null = null;
  #server: Server | null = null;

  /** @param onSecure - called with the socket when the client is accepted */
  constructor(
    timeoutMs: number,
    onSecure: (socket: TLSSocket) => void,
    onRefused: (socket: Socket, reason: string) => void,
  ) {
    this.#timeoutMs = timeoutMs;
    this.#onSecure = onSecure;
    this.#onRefused = onRefused;
  }

  begin(socket: Socket, settings: TlsSettings): void {
    if (settings !== this.#settings || this.#server === null) {
      // a new server, so that no session of the previous settings is resumed
      this.#settings = settings;
      this.#server = this.#serverFor(settings);
    }
    this.#server.emit('connection', socket);
  }

  #serverFor(settings: TlsSettings): Server {
    const server = createServer({
      ...settings.context,
      requestCert: settings.clientAuth !== 'NoClientCert',
      rejectUnauthorized: false,
      handshakeTimeout: this.#timeoutMs,
      ALPNProtocols: ['http/1.1'],
    });
    server.on('secureConnection', (socket) => {
      const reason = refusalOf(socket, settings);
      if (reason === null) {
        this.#onSecure(socket);
        return;
      }
      this.#onRefused(socket, reason);
      socket.destroy();
    });
    server.on('tlsClientError', (error, socket) => {
      this.#onRefused(socket, error.message);
      socket.destroy();
    });
    return server;
  }
}
