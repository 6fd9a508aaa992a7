/** Who may ask. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { ServerError } from './error.ts';
import type { SecretFiles } from './options.ts';
import { readSecrets } from './secrets.ts';

/** So that all are of one length, and compared in one time. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

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

  /** False if everybody may ask. */
  get isRequired(): boolean {
    return this.#users.length + this.#tokens.length > 0;
  }

  /** How to prove that one may ask: the header `WWW-Authenticate` of a refusal. */
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

/** Compares with all of them, so that the time does not tell which it was. */
function includes(digests: readonly Buffer[], text: string): boolean {
  const given = digest(text);
  return digests.filter((each) => timingSafeEqual(each, given)).length > 0;
}
