/** The operator's settings for access to the server. The files are read again when they have changed. */
import { Files } from '../util/files.ts';
import type { Log } from './log.ts';
import { fileError, ServerError, type WebSources } from './options.ts';
import { Passwords } from './passwords.ts';
import { Auth, checkIsSecret } from './secrets.ts';
import { readTls, TLS_DEFAULTS, type TlsConfig, type TlsSettings } from './tls.ts';
import { parseWebConfig, type RateLimit, type WebConfig } from './web-config.ts';

/** A consistent set of settings. */
export interface Settings {
  /** Null for HTTP without TLS. */
  readonly tls: TlsSettings | null;
  readonly auth: Auth;
  /** The headers of each reply. */
  readonly headers: Readonly<Record<string, string>>;
  readonly rateLimit: RateLimit | null;
}

const NO_CONFIG: WebConfig = { isEmpty: true, tls: null, headers: {}, users: new Map(), rateLimit: null };

export class WebSettings implements Disposable {
  readonly #sources: WebSources;
  readonly #log: Log;
  readonly #files = new Files(fileError);
  readonly #passwords = new Passwords();
  readonly #parse: (path: string, text: string) => WebConfig;
  #settings: Settings;
  /** The warnings that have already been logged. */
  readonly #warned = new Set<string>();

  private constructor(sources: WebSources, log: Log, parse: (path: string, text: string) => WebConfig) {
    this.#sources = sources;
    this.#log = log;
    this.#parse = parse;
    this.#settings = this.#read(true);
    this.#files.commit();
  }

  /** @throws ServerError if a file cannot be read or is wrong */
  static async open(sources: WebSources, log: Log): Promise<WebSettings> {
    // loaded only if there is a YAML file, because the parser takes as much memory as the rest of the server
    const yaml = sources.webConfig === undefined ? null : await import('#yaml');
    return new WebSettings(sources, log, (path, text) =>
      yaml === null ? NO_CONFIG : parseWebConfig(path, text, yaml),
    );
  }

  /** The settings for new requests and connections. */
  get current(): Settings {
    if (this.#files.haveChanged()) this.#renew();
    return this.#settings;
  }

  /** True if traffic is encrypted and clients are authenticated. */
  get isPrivate(): boolean {
    const { tls, auth } = this.#settings;
    return tls !== null && (auth.isRequired || tls.clientAuth === 'RequireAndVerifyClientCert');
  }

  /** Reads all files that can be read again. */
  reload(): void {
    this.#files.haveChanged();
    this.#renew();
  }

  #renew(): void {
    try {
      const settings = this.#read(false);
      if ((settings.tls === null) !== (this.#settings.tls === null)) {
        throw new ServerError('TLS cannot be switched on or off while the server runs; restart it');
      }
      this.#settings = settings;
      this.#files.commit();
      this.#log.info('configuration reloaded');
    } catch (error) {
      // catches any error, because a wrong edit must not end a running server
      const message = error instanceof Error ? error.message : String(error);
      this.#log.error(`${message}; the previous content stays in use`);
    }
  }

  #read(isFirst: boolean): Settings {
    const { webConfig, secrets } = this.#sources;
    this.#files.begin();
    const { tls, headers, users, rateLimit } =
      webConfig === undefined ? NO_CONFIG : this.#readConfig(webConfig, isFirst);
    const flags = this.#tlsOfFlags();
    if (flags !== null && tls !== null) {
      throw new ServerError('--tls-cert and tls_server_config of --web-config exclude each other');
    }
    const config = flags ?? tls;
    const settings = {
      tls: config && readTls(config, this.#files),
      auth: new Auth(this.#files, secrets, users, this.#passwords),
      headers,
      rateLimit,
    };
    this.#passwords.use(users);
    return settings;
  }

  #readConfig(path: string, isFirst: boolean): WebConfig {
    const config = this.#parse(path, this.#files.readText('--web-config', path));
    // an editor may have truncated the file and be about to write it
    if (config.isEmpty && !isFirst) {
      throw new ServerError(
        `--web-config ${path}: it is empty; to remove all settings, write basic_auth_users: {}`,
      );
    }
    const { key } = config.tls ?? {};
    const hasSecrets = config.users.size > 0 || (key !== undefined && key.path === null);
    if (hasSecrets) this.#warnIfOpen('--web-config', path);
    if (key?.path) this.#warnIfOpen(key.name, key.path);
    return config;
  }

  /**
   * Only a warning, because in a container such files are often readable by all users, and there are no other
   * users.
   */
  #warnIfOpen(name: string, path: string): void {
    if (!this.#files.isOpenToOthers(path) || this.#warned.has(path)) return;
    this.#warned.add(path);
    this.#log.warn(
      `${name} ${path}: other users can read or change this file, which holds secrets; run: chmod o= ${path}`,
    );
  }

  #tlsOfFlags(): TlsConfig | null {
    const { tls } = this.#sources;
    if (tls === null) return null;
    const source = (name: string, path: string): TlsConfig['cert'] => ({
      name,
      path,
      isBeside: false,
      text: '',
    });
    this.#files.read('--tls-key', tls.key);
    checkIsSecret(this.#files, '--tls-key', tls.key);
    return {
      ...TLS_DEFAULTS,
      cert: source('--tls-cert', tls.cert),
      key: source('--tls-key', tls.key),
    };
  }

  [Symbol.dispose](): void {
    this.#passwords[Symbol.dispose]();
  }
}
