/** The certificate of the server. */
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { ServerError } from './error.ts';
import type { TlsFiles } from './options.ts';
import { readFileOf } from './secrets.ts';

/** @throws ServerError if they are of no use. */
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
