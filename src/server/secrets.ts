/** Passwords and tokens: the files with them, and which clients may send requests. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { Files } from '../util/files.ts';
import { type SecretFiles, ServerError } from './options.ts';
import type { Passwords, Verdict } from './passwords.ts';

/** Null for bytes that are not UTF-8: bytes that were replaced would match other bytes. */
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
    `${name} ${path}: others may read or change it, and it is a secret; chmod o= ${path}`,
  );
}

/**
 * The lines that are not empty; at least one.
 *
 * @param read - gives the secret in a line; null if there is none
 * @param form - what a line must be
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
  // each byte is a character, so that each line is decoded by itself
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

/** One of ASCII, except a tab. */
const CONTROL_CHARACTER = /(?![\t\x80-\x9f])\p{Cc}/u;

function userOf(line: string): string | null {
  return /^[^:]+:./.test(line) ? line : null;
}

function tokenOf(line: string): string | null {
  const token = line.trim();
  return /^[!-~]+$/.test(token) ? token : null;
}

/** The `user:password` in a header; null if it is not base64, with its padding, of text in UTF-8. */
function credentialsOf(base64: string): string | null {
  const bytes = Buffer.from(base64, 'base64');
  // Node.js leaves out characters that are not base64
  return bytes.toString('base64') === base64 ? textOf(bytes) : null;
}

/** A text in Unicode's normalization form C, in which RFC 7617 has browsers send passwords. */
function normalized(text: string): string {
  return text.normalize('NFC');
}

/** Digests have one length, so a comparison always takes the same time. */
function digest(text: string): Buffer {
  return createHash('sha256').update(normalized(text)).digest();
}

/** A hash that no password has, of the highest cost of these hashes; null if there are none. */
function unmatchable(hashes: Iterable<string>): string | null {
  const [costly] = [...hashes].sort((a, b) => costOf(b) - costOf(a));
  return costly === undefined ? null : `${costly.slice(0, -HASH_LENGTH)}${'.'.repeat(HASH_LENGTH)}`;
}

/** Of `$2y$10$…`: 10. */
function costOf(hash: string): number {
  return Number(hash.split('$')[2]);
}

/** In a hash of bcrypt, after the salt. */
const HASH_LENGTH = 31;

/** Which clients may send requests. */
export class Auth {
  readonly #users: readonly Buffer[];
  readonly #tokens: readonly Buffer[];
  readonly #hashes: ReadonlyMap<string, string>;
  /** Compared with the password of an unknown user; null if no user has a hash. */
  readonly #unmatchable: string | null;
  readonly #passwords: Passwords;

  /**
   * @param hashes - of bcrypt, by user
   * @param passwords - checks these
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
   * Whether a request is allowed.
   *
   * @param authorization - the header
   * @param client - the client of the request, as limits count it
   * @param response - to the request
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
    // an unknown user takes as long as a known one
    const hash = this.#hashes.get(user) ?? this.#unmatchable;
    return this.#passwords.check({ user, hash, password }, client, response);
  }
}

/** Compares with every digest, so that the time does not reveal which one matched. */
function includes(digests: readonly Buffer[], text: string | null): boolean {
  if (text === null) return false;
  const given = digest(text);
  return digests.filter((each) => timingSafeEqual(each, given)).length > 0;
}
