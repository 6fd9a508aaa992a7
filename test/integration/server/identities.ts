/** Certificates and password hashes for tests. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mustRun } from '../../system/package/support/run.ts';

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** Creates certificates: each is `name.crt` and `name.key` in a folder. */
export class Certificates {
  readonly #dir: string;

  constructor(dir: string) {
    this.#dir = dir;
  }

  #path(name: string): string {
    return join(this.#dir, name);
  }

  /** Creates a certificate authority. */
  async authority(name: string): Promise<void> {
    const files = ['-keyout', this.#path(`${name}.key`), '-out', this.#path(`${name}.crt`)];
    await mustRun('openssl', ['req', '-x509', ...NEW_KEY, '-days', '2', '-subj', `/CN=${name}`, ...files]);
  }

  /** @param sans - subject alternative names, as OpenSSL writes them: `DNS:a.example,IP:127.0.0.1` */
  async issue(name: string, authority: string, sans: string): Promise<void> {
    const request = this.#path(`${name}.csr`);
    const extensions = this.#path(`${name}.ext`);
    await mustRun('openssl', [
      ...['req', '-new', ...NEW_KEY, '-subj', `/CN=${name}`, '-keyout', this.#path(`${name}.key`)],
      ...['-out', request],
    ]);
    await writeFile(extensions, `subjectAltName=${sans}\n`);
    await mustRun('openssl', [
      ...['x509', '-req', '-in', request, '-days', '2', '-extfile', extensions, '-CAcreateserial'],
      ...['-CA', this.#path(`${authority}.crt`), '-CAkey', this.#path(`${authority}.key`)],
      ...['-out', this.#path(`${name}.crt`)],
    ]);
  }
}

/** The hash of a password with bcrypt, by the system's crypt(3). */
export async function bcryptHash(password: string, cost = 5): Promise<string> {
  const settings = `$2y$${String(cost).padStart(2, '0')}$abcdefghijklmnopqrstuu`;
  return mustRun('perl', ['-e', 'print crypt($ARGV[0], $ARGV[1])', password, settings]);
}
