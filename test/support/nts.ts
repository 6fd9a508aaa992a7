/** The configuration to serve and use Network Time Security (NTS) with a self-signed certificate. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export class NtsIdentity implements Disposable {
  readonly #dir = mkdtempSync(join(tmpdir(), 'nts-'));
  readonly #key = join(this.#dir, 'key.pem');
  readonly #certificate = join(this.#dir, 'certificate.pem');

  /** Creates a key, and a certificate for 127.0.0.1 that is valid for one day. */
  constructor() {
    const name = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
    const files = ['-keyout', this.#key, '-out', this.#certificate];
    const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'];
    execFileSync('openssl', ['req', '-x509', ...kind, ...name, ...files], { stdio: 'ignore' });
  }

  /** Lines for the configuration of the server. */
  server(ntsPort: number): string[] {
    return [`ntsserverkey ${this.#key}`, `ntsservercert ${this.#certificate}`, `ntsport ${ntsPort}`];
  }

  /** Lines for the configuration of its client. */
  client(): string[] {
    return ['nosystemcert', `ntstrustedcerts ${this.#certificate}`];
  }

  [Symbol.dispose](): void {
    rmSync(this.#dir, { recursive: true, force: true });
  }
}
