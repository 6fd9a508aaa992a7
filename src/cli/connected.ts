/** Work on a connection that is closed when it is done. */
import { ChronyConnection } from '../connection.ts';
import type { ChronyOptions } from '../options.ts';

export async function connected<T>(
  options: ChronyOptions,
  work: (chrony: ChronyConnection) => Promise<T>,
): Promise<T> {
  const connection = await ChronyConnection.open(options);
  try {
    return await work(connection);
  } finally {
    await connection.close();
  }
}
