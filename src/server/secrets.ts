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

/** @throws ServerError */
async function readFileOf(option: string, path: string, isSecret: boolean): Promise<string> {
  try {
    await using file = await open(path);
    const { mode } = await file.stat();
    if (isSecret && (mode & OTHERS) !== 0) {
      throw new ServerError(
        `--${option} ${path}: others may read or change it, and it is a secret; chmod o= ${path}`,
      );
    }
    return await file.readFile('utf8');
  } catch (error) {
    throw error instanceof ServerError ? error : explain(option, path, error);
  }
}

/** The lines that are not empty; at least one. @throws ServerError */
async function readSecrets(option: string, path: string): Promise<readonly string[]> {
  const lines = (await readFileOf(option, path, true)).split(/\r?\n/).filter((line) => line.trim() !== '');
  if (lines.length > 0) return lines;
  throw new ServerError(`--${option} ${path}: it is empty; write a line for each who may ask`);
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
    const users = basicAuth === undefined ? [] : await readSecrets('basic-auth', basicAuth);
    if (users.some((line) => !/^[^:]+:./.test(line))) {
      throw new ServerError(`--basic-auth ${basicAuth}: each line must be user:password`);
    }
    const lines = bearerToken === undefined ? [] : await readSecrets('bearer-token', bearerToken);
    const tokens = lines.map((line) => line.trim());
    if (tokens.some((token) => !/^[!-~]+$/.test(token))) {
      throw new ServerError(
        `--bearer-token ${bearerToken}: each line must be a token, of ASCII characters without spaces`,
      );
    }
    return new Auth(users, tokens);
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
        return includes(this.#users, Buffer.from(value, 'base64').toString());
      case 'bearer':
        return includes(this.#tokens, value);
      default:
        return false;
    }
  }
}

/** Compares with every digest, so that the time does not reveal which one matched. */
function includes(digests: readonly Buffer[], text: string): boolean {
  const given = digest(text);
  return digests.filter((each) => timingSafeEqual(each, given)).length > 0;
}
