/** Parses the file of `--web-config`: the YAML of the exporter-toolkit, checked key by key. */
import { dirname, isAbsolute, resolve } from 'node:path';
import type { Source } from '../util/files.ts';
import { ServerError } from './options.ts';
import {
  CIPHER_SUITES,
  CLIENT_AUTH_TYPES,
  type ClientAuthType,
  CURVES,
  TLS_VERSIONS,
  type TlsConfig,
  type TlsVersion,
} from './tls.ts';

/** The rate limit of a client, which applies once the burst is used up. */
export interface RateLimit {
  /** The time per request, in milliseconds. */
  readonly intervalMs: number;
  /** The number of requests that may arrive at once. */
  readonly burst: number;
}

export interface WebConfig {
  /** True if the file has no section: it is empty, or has only comments. */
  readonly isEmpty: boolean;
  /** Null for HTTP without TLS. */
  readonly tls: TlsConfig | null;
  /** The headers of each reply. */
  readonly headers: Readonly<Record<string, string>>;
  /** The hash of the password, by user. */
  readonly users: ReadonlyMap<string, string>;
  readonly rateLimit: RateLimit | null;
}

/** A value from the parser: everything except lists and maps is text. */
type Value = string | readonly unknown[] | ReadonlyMap<unknown, unknown>;

/** A value and its path in the file. */
class Node {
  readonly #file: string;
  readonly #path: string;
  readonly #value: Value | null;

  constructor(file: string, path: string, value: unknown) {
    this.#file = file;
    this.#path = path;
    const isText = typeof value === 'string';
    const isUnset =
      value === undefined || value === null || value === '' || value === '~' || value === 'null';
    if (!isUnset && !isText && !Array.isArray(value) && !(value instanceof Map)) {
      this.refuse('is neither a string nor a list nor a map');
    }
    this.#value = isUnset ? null : (value as Value);
  }

  refuse(problem: string): never {
    throw new ServerError(`--web-config ${this.#file}: ${this.#path || 'the file'} ${problem}`);
  }

  get isUnset(): boolean {
    return this.#value === null;
  }

  /** The file and the path, for messages. */
  get name(): string {
    return `--web-config ${this.#file}: ${this.#path}`;
  }

  /** @param keys - the allowed keys */
  section<Key extends string>(keys: readonly Key[]): Readonly<Record<Key, Node>> {
    const entries = this.entries();
    for (const key of entries.keys()) {
      if (!keys.some((each) => each === key)) {
        this.#at(key).refuse(`is not known; the keys here are: ${keys.join(', ')}`);
      }
    }
    const nodes = keys.map((key) => [key, entries.get(key) ?? this.#at(key)] as const);
    return Object.fromEntries(nodes) as Record<Key, Node>;
  }

  entries(): ReadonlyMap<string, Node> {
    if (this.#value === null) return new Map();
    if (!(this.#value instanceof Map)) this.refuse('must be a map, of keys and their values');
    const entries = [...(this.#value as ReadonlyMap<unknown, unknown>)];
    return new Map(
      entries.map(([key, value]) => {
        if (typeof key !== 'string') this.refuse('has a key that is not a string');
        return [key as string, this.#at(key as string, value)];
      }),
    );
  }

  #at(key: string, value: unknown = null): Node {
    return new Node(this.#file, this.#path === '' ? key : `${this.#path}.${key}`, value);
  }

  text(): string | null {
    if (this.#value !== null && typeof this.#value !== 'string') this.refuse('must be a string');
    return this.#value as string | null;
  }

  flag(): boolean | null {
    const text = this.text();
    if (text === null) return null;
    if (/^(?:true|yes|on)$/i.test(text)) return true;
    if (/^(?:false|no|off)$/i.test(text)) return false;
    return this.refuse(`must be true or false, not '${text}'`);
  }

  count(): number | null {
    const text = this.text();
    if (text === null) return null;
    return /^\d{1,9}$/.test(text) ? Number(text) : this.refuse(`must be a whole number, not '${text}'`);
  }

  choice<Word extends string>(words: readonly Word[]): Word | null {
    const text = this.text();
    return text === null ? null : this.#oneOf(text, words);
  }

  #oneOf<Word extends string>(text: string, words: readonly Word[]): Word {
    return (
      words.find((word) => word === text) ?? this.refuse(`must be one of: ${words.join(', ')}; not '${text}'`)
    );
  }

  texts(): readonly string[] {
    if (this.#value === null) return [];
    if (!Array.isArray(this.#value)) this.refuse('must be a list');
    return (this.#value as readonly unknown[]).map((each) =>
      typeof each === 'string' ? each : this.refuse('must be a list of strings'),
    );
  }

  choices<Word extends string>(words: readonly Word[]): readonly Word[] {
    return this.texts().map((text) => this.#oneOf(text, words));
  }

  /** A duration in Go's notation, in milliseconds. */
  duration(): number | null {
    const text = this.text();
    if (text === null) return null;
    if (text === '0') return 0;
    if (!/^(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+$/.test(text)) {
      this.refuse(`must be a duration, like 100ms, 1s or 1m30s, not '${text}'`);
    }
    const parts = text.matchAll(/([\d.]+)(\D+)/g);
    return [...parts].reduce((sum, [, number, unit = '']) => sum + Number(number) * (UNITS_MS[unit] ?? 0), 0);
  }
}

const UNITS_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

const TLS_KEYS = [
  'cert',
  'cert_file',
  'key',
  'key_file',
  'client_ca',
  'client_ca_file',
  'client_auth_type',
  'client_allowed_sans',
  'min_version',
  'max_version',
  'cipher_suites',
  'prefer_server_cipher_suites',
  'curve_preferences',
] as const;

/** The headers that may be set, with their allowed values if these are limited. */
const HEADERS: Readonly<Record<string, readonly string[] | null>> = {
  'Content-Security-Policy': null,
  'X-Frame-Options': ['deny', 'sameorigin'],
  'X-Content-Type-Options': ['nosniff'],
  'X-XSS-Protection': null,
  'Strict-Transport-Security': null,
};

/**
 * Reads the content of the file.
 *
 * @param path - the path of the file; paths in the file are relative to its folder
 * @throws ServerError that names the invalid key but does not quote the content of the file, which is secret
 */
export function parseWebConfig(path: string, text: string, { readYaml }: typeof import('#yaml')): WebConfig {
  const yaml = readYaml(text);
  if ('problem' in yaml) throw new ServerError(`--web-config ${path}: ${yaml.problem}`);
  const root = new Node(path, '', yaml.value);
  const sections = ['tls_server_config', 'http_server_config', 'basic_auth_users', 'rate_limit'] as const;
  const { tls_server_config, http_server_config, basic_auth_users, rate_limit } = root.section(sections);
  return {
    isEmpty: root.isUnset,
    tls: readTls(tls_server_config, dirname(path)),
    headers: readHttp(http_server_config),
    users: readUsers(basic_auth_users),
    rateLimit: readRateLimit(rate_limit),
  };
}

function readTls(node: Node, folder: string): TlsConfig | null {
  const keys = node.section(TLS_KEYS);
  if (node.entries().size === 0) return null;
  const source = (inline: Node, file: Node): Source | null => {
    const [text, path] = [inline.text(), file.text()];
    if (text !== null && path !== null)
      inline.refuse('and its file exclude each other; leave one of them out');
    if (path !== null) {
      const isBeside = !isAbsolute(path) && dirname(path) === '.';
      return { name: file.name, path: resolve(folder, path), isBeside, text: '' };
    }
    return text === null ? null : { name: inline.name, path: null, isBeside: false, text };
  };
  const clientCa = source(keys.client_ca, keys.client_ca_file);
  const clientAuth: ClientAuthType = keys.client_auth_type.choice(CLIENT_AUTH_TYPES) ?? 'NoClientCert';
  const allowedSans = keys.client_allowed_sans.texts();
  const minVersion: TlsVersion = keys.min_version.choice(TLS_VERSIONS) ?? 'TLS12';
  const maxVersion: TlsVersion = keys.max_version.choice(TLS_VERSIONS) ?? 'TLS13';
  if (TLS_VERSIONS.indexOf(minVersion) > TLS_VERSIONS.indexOf(maxVersion)) {
    keys.min_version.refuse(`(${minVersion}) is above max_version (${maxVersion})`);
  }
  if (clientCa !== null && clientAuth === 'NoClientCert') {
    keys.client_auth_type.refuse('is needed with a client CA: RequireAndVerifyClientCert, for example');
  }
  if (clientCa === null && clientAuth.includes('Verify')) {
    keys.client_auth_type.refuse(`is ${clientAuth}, which needs client_ca_file, to verify with`);
  }
  if (allowedSans.length > 0 && !/^Require(?:Any|AndVerify)/.test(clientAuth)) {
    keys.client_allowed_sans.refuse(
      'needs client_auth_type RequireAndVerifyClientCert or RequireAnyClientCert: others may come without a certificate',
    );
  }
  return {
    cert: source(keys.cert, keys.cert_file) ?? keys.cert_file.refuse('is missing'),
    key: source(keys.key, keys.key_file) ?? keys.key_file.refuse('is missing'),
    clientCa,
    clientAuth,
    allowedSans,
    minVersion,
    maxVersion,
    cipherSuites: keys.cipher_suites.choices(CIPHER_SUITES),
    prefersOwnOrder: keys.prefer_server_cipher_suites.flag() ?? true,
    curves: keys.curve_preferences.choices(CURVES),
  };
}

function readHttp(node: Node): Readonly<Record<string, string>> {
  const { http2, headers } = node.section(['http2', 'headers']);
  // accepted but without effect: clients with HTTP/2 also support HTTP/1.1, which they always get
  http2.flag();
  const entries = Object.entries(headers.section(Object.keys(HEADERS))).flatMap(([name, value]) => {
    const text = value.choice(HEADERS[name] ?? [value.text() ?? '']);
    if (text === null) return [];
    if (/[^\t -~]/.test(text)) value.refuse('has a character that no header may have');
    return [[name, text]];
  });
  return Object.fromEntries(entries);
}

/** A hash of bcrypt: its version, the cost, 22 characters of salt and 31 of the hash. */
const BCRYPT = /^\$2[abxy]\$(\d\d)\$[./A-Za-z\d]{53}$/;
/**
 * The last character of the salt has only two significant bits. With any other character, no comparison can
 * succeed.
 */
const SALT_END = /^.{28}[.Oeu]/;
const LEAST_COST = 4;
/** A check of this cost takes several seconds. */
const HIGHEST_COST = 15;

function readUsers(node: Node): ReadonlyMap<string, string> {
  const users = [...node.entries()].map(([user, value]) => {
    const hash = value.text() ?? '';
    const cost = Number(BCRYPT.exec(hash)?.[1]);
    if (user.includes(':')) value.refuse('is not a valid user name: it has a colon');
    // the message does not quote the text, which might be a password
    if (Number.isNaN(cost)) value.refuse('must be a hash of bcrypt, $2y$…, as htpasswd -nBC 10 prints it');
    if (!SALT_END.test(hash))
      value.refuse('is a hash that no password has, since its salt is wrong; make a new one');
    if (hash.startsWith('$2x$')) value.refuse('is a hash of a faulty bcrypt ($2x$); make a new one');
    if (cost < LEAST_COST || cost > HIGHEST_COST) {
      value.refuse(
        `has a hash with the cost ${cost}; make one with a cost from ${LEAST_COST} to ${HIGHEST_COST}`,
      );
    }
    return [user, hash] as const;
  });
  return new Map(users);
}

function readRateLimit(node: Node): RateLimit | null {
  const { interval, burst } = node.section(['interval', 'burst']);
  const intervalMs = interval.duration() ?? 0;
  const size = burst.count();
  if (intervalMs === 0) return null;
  if (size === 0) burst.refuse('must be at least 1: with 0, no request would be answered');
  return { intervalMs, burst: size ?? 1 };
}
