/** Reads the files with passwords and tokens, and authenticates clients. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { Files } from '../util/files.ts';
import { type SecretFiles, ServerError } from './options.ts';
import type { Passwords, Verdict } from './passwords.ts';

/** Null for invalid UTF-8, because replacement characters would match other invalid bytes. */
function textOf(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** @throws ServerError if other users may read the file or change it. */
export function checkIsSecret(files: Files, name: string, path: string): void {
  if (!files.isOpenToOthers(path)) return;
  throw new ServerError(
    `${name} ${path}: other users can read or change this file, which holds secrets; run: chmod o= ${path}`,
  );
}

/**
 * Returns the secrets in the lines that are not empty; at least one.
 *
 * @param read - returns the secret in a line; null if the line is invalid
 * @param form - the form of a line, for the error message
 * @throws ServerError
 */
function readSecrets(
  files: Files,
  option: string,
  path: string | undefined,
  read: (line: string) => string | null,
  form: string,
): readonly string[] {
  if (path === undefined) return [];
  const content = files.read(`--${option}`, path);
  checkIsSecret(files, `--${option}`, path);
  // one character per byte, so that each line can be decoded separately
  const lines = content.toString('latin1').split(/\r?\n/);
  const secrets = lines.flatMap((bytes, index) => {
    if (/^[ \t]*$/.test(bytes)) return [];
    const refuse = (reason: string): never => {
      throw new ServerError(`--${option} ${path}: line ${index + 1} ${reason}`);
    };
    const line = textOf(Buffer.from(bytes, 'latin1')) ?? refuse('is not UTF-8; save the file as UTF-8');
    if (CONTROL_CHARACTER.test(line)) refuse('has a control character, which no secret may have');
    return [read(line) ?? refuse(`is wrong; each line must be ${form}`)];
  });
  if (secrets.length > 0) return secrets;
  throw new ServerError(`--${option} ${path}: it is empty; write one line per user or token`);
}

/** An ASCII control character other than a tab. */
const CONTROL_CHARACTER = /(?![\t\x80-\x9f])\p{Cc}/u;

function userOf(line: string): string | null {
  return /^[^:]+:./.test(line) ? line : null;
}

function tokenOf(line: string): string | null {
  const token = line.trim();
  return /^[!-~]+$/.test(token) ? token : null;
}

/** The `user:password` in a header; null unless it is padded base64 of UTF-8 text. */
function credentialsOf(base64: string): string | null {
  const bytes = Buffer.from(base64, 'base64');
  // Node.js ignores characters that are not base64
  return bytes.toString('base64') === base64 ? textOf(bytes) : null;
}

/** Returns a text in Unicode normalization form C, in which browsers send passwords according to RFC 7617. */
function normalized(text: string): string {
  return text.normalize('NFC');
}

/** All digests have the same length, so a comparison always takes the same time. */
function digest(text: string): Buffer {
  return createHash('sha256').update(normalized(text)).digest();
}

/** A hash that no password matches, with the highest cost of these hashes; null if there are no hashes. */
function unmatchable(hashes: Iterable<string>): string | null {
  const [costly] = [...hashes].sort((a, b) => costOf(b) - costOf(a));
  return costly === undefined ? null : `${costly.slice(0, -HASH_LENGTH)}${'.'.repeat(HASH_LENGTH)}`;
}

/** The cost of a hash: 10 for `$2y$10$…`. */
function costOf(hash: string): number {
  return Number(hash.split('$')[2]);
}

/** The length of the part of a bcrypt hash after the salt. */
const HASH_LENGTH = 31;

/** Authenticates requests by password or token. */
export class Auth {
  readonly #users: readonly Buffer[];
  readonly #tokens: readonly Buffer[];
  readonly #hashes: ReadonlyMap<string, string>;
  /** Compared with the password of an unknown user; null if no user has a hash. */
  readonly #unmatchable: string | null;
  readonly #passwords: Passwords;

  /**
   * @param hashes - bcrypt hashes, by user
   * @param passwords - checks passwords against the hashes
   * @throws ServerError
   */
  constructor(
    files: Files,
    { basicAuth, bearerToken }: SecretFiles,
    hashes: ReadonlyMap<string, string>,
    passwords: Passwords,
  ) {
    const users = readSecrets(files, 'basic-auth', basicAuth, userOf, 'user:password');
    const tokenForm = 'a token, of ASCII characters without spaces';
    const tokens = readSecrets(files, 'bearer-token', bearerToken, tokenOf, tokenForm);
    this.#users = users.map(digest);
    this.#tokens = tokens.map(digest);
    this.#hashes = hashes;
    this.#unmatchable = unmatchable(hashes.values());
    this.#passwords = passwords;
  }

  /** False if every client may send requests. */
  get isRequired(): boolean {
    return this.#users.length + this.#tokens.length + this.#hashes.size > 0;
  }

  /** The accepted schemes: the header `WWW-Authenticate` of a refusal. */
  get challenge(): string {
    const schemes = [
      ...(this.#users.length + this.#hashes.size > 0 ? ['Basic realm="chrony-wasm", charset="UTF-8"'] : []),
      ...(this.#tokens.length > 0 ? ['Bearer realm="chrony-wasm"'] : []),
    ];
    return schemes.join(', ');
  }

  /**
   * Decides whether a request is allowed.
   *
   * @param authorization - the header `Authorization`
   * @param client - the client of the request, as limits count it
   * @param response - the response to the request
   * @throws Error if passwords cannot be checked
   */
  allows(authorization: string, client: string, response: ServerResponse): Verdict | Promise<Verdict> {
    if (!this.isRequired) return true;
    const [, scheme = '', value = ''] = /^(\S+) +(\S+) *$/.exec(authorization) ?? [];
    switch (scheme.toLowerCase()) {
      case 'basic': {
        const credentials = credentialsOf(value);
        return includes(this.#users, credentials) || this.#isUser(credentials, client, response);
      }
      case 'bearer':
        return includes(this.#tokens, value);
      default:
        return false;
    }
  }

  #isUser(credentials: string | null, client: string, response: ServerResponse): Verdict | Promise<Verdict> {
    const [, user, password] = /^([^:]*):(.*)$/s.exec(credentials ?? '') ?? [];
    if (user === undefined || password === undefined || this.#unmatchable === null) return false;
    // the check takes as long for an unknown user as for a known one
    const hash = this.#hashes.get(user) ?? this.#unmatchable;
    return this.#passwords.check({ user, hash, password }, client, response);
  }
}

/** Compares with every digest, so that the time does not reveal which digest matches. */
function includes(digests: readonly Buffer[], text: string | null): boolean {
  if (text === null) return false;
  const given = digest(text);
  return digests.filter((each) => timingSafeEqual(each, given)).length > 0;
}
