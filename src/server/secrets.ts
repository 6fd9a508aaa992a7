/** The files that only the operator may read: the certificate with its key, passwords and tokens. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { open } from 'node:fs/promises';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { type SecretFiles, ServerError, type TlsFiles } from './options.ts';

/** The permissions of other users. */
const OTHERS = 0o007;

/** Why a file cannot be read, for a person. */
function explain(option: string, path: string, error: unknown): ServerError {
  const { code, message } = error as NodeJS.ErrnoException;
  const reason =
    code === 'ENOENT'
      ? 'there is no such file'
      : code === 'EACCES'
        ? 'this user may not read it'
        : code === 'EISDIR'
          ? 'it is a directory'
          : message;
  return new ServerError(`--${option} ${path}: ${reason}`, { cause: error });
}

/** The mark that some editors put before text in UTF-8. */
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/** The content of a file without a byte order mark. @throws ServerError */
async function readFileOf(option: string, path: string, isSecret: boolean): Promise<Buffer> {
  try {
    await using file = await open(path);
    const { mode } = await file.stat();
    if (isSecret && (mode & OTHERS) !== 0) {
      throw new ServerError(
        `--${option} ${path}: others may read or change it, and it is a secret; chmod o= ${path}`,
      );
    }
    const content = await file.readFile();
    const { length } = BYTE_ORDER_MARK;
    return content.subarray(content.subarray(0, length).equals(BYTE_ORDER_MARK) ? length : 0);
  } catch (error) {
    throw error instanceof ServerError ? error : explain(option, path, error);
  }
}

/**
 * Text in Unicode's normalization form C, in which RFC 7617 has browsers send it; null for bytes that are not UTF-8. Bytes
 * that were replaced would match other bytes.
 */
function textOf(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes).normalize('NFC');
  } catch {
    return null;
  }
}

/**
 * The lines that are not empty; at least one.
 *
 * @param read - gives the secret in a line; null if there is none
 * @param form - what a line must be
 * @throws ServerError
 */
async function readSecrets(
  option: string,
  path: string | undefined,
  read: (line: string) => string | null,
  form: string,
): Promise<readonly string[]> {
  if (path === undefined) return [];
  const content = await readFileOf(option, path, true);
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
  throw new ServerError(`--${option} ${path}: it is empty; write a line for each who may ask`);
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

/** @throws ServerError if they cannot be read, or do not belong together. */
export async function readTlsFiles({ cert, key }: TlsFiles): Promise<SecureContextOptions> {
  const context: SecureContextOptions = {
    cert: await readFileOf('tls-cert', cert, false),
    key: await readFileOf('tls-key', key, true),
    minVersion: 'TLSv1.2',
  };
  try {
    createSecureContext(context);
    return context;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ServerError(
      `--tls-cert ${cert} and --tls-key ${key} cannot be used together: ${reason}; both must be PEM, and belong together`,
      { cause: error },
    );
  }
}

/** Digests have one length, so a comparison always takes the same time. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** Which clients may send requests. */
export class Auth {
  readonly #users: readonly Buffer[];
  readonly #tokens: readonly Buffer[];

  private constructor(users: readonly string[], tokens: readonly string[]) {
    this.#users = users.map(digest);
    this.#tokens = tokens.map(digest);
  }

  /** @throws ServerError */
  static async read({ basicAuth, bearerToken }: SecretFiles): Promise<Auth> {
    return new Auth(
      await readSecrets('basic-auth', basicAuth, userOf, 'user:password'),
      await readSecrets('bearer-token', bearerToken, tokenOf, 'a token, of ASCII characters without spaces'),
    );
  }

  /** False if every client may send requests. */
  get isRequired(): boolean {
    return this.#users.length + this.#tokens.length > 0;
  }

  /** The accepted schemes: the header `WWW-Authenticate` of a refusal. */
  get challenge(): string {
    const schemes = [
      ...(this.#users.length > 0 ? ['Basic realm="chrony-wasm", charset="UTF-8"'] : []),
      ...(this.#tokens.length > 0 ? ['Bearer realm="chrony-wasm"'] : []),
    ];
    return schemes.join(', ');
  }

  /** @param authorization - the header */
  allows(authorization: string): boolean {
    if (!this.isRequired) return true;
    const [, scheme = '', value = ''] = /^(\S+) +(\S+) *$/.exec(authorization) ?? [];
    switch (scheme.toLowerCase()) {
      case 'basic':
        return includes(this.#users, credentialsOf(value));
      case 'bearer':
        return includes(this.#tokens, value);
      default:
        return false;
    }
  }
}

/** Compares with every digest, so that the time does not reveal which one matched. */
function includes(digests: readonly Buffer[], text: string | null): boolean {
  if (text === null) return false;
  const given = digest(text);
  return digests.filter((each) => timingSafeEqual(each, given)).length > 0;
}
