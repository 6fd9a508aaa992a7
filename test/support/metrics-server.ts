/** The metrics of a chronyd over HTTP, as a server would give them. */
import { createServer } from 'node:http';
import { expositionOf } from '../../src/metrics/exposition.ts';
import { Surveyor } from '../../src/survey/surveyor.ts';

export interface MetricsServer extends AsyncDisposable {
  /** What to scrape. */
  readonly url: string;
}

/** @param address - of the chronyd. */
export async function serveMetrics(address: string): Promise<MetricsServer> {
  const surveyor = new Surveyor({ address });
  const server = createServer(async (request, response) => {
    const { contentType, body } = await expositionOf(await surveyor.take(), request.headers.accept);
    response.writeHead(200, { 'content-type': contentType }).end(body);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${bound.port}/metrics`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
      await surveyor.close();
    },
  };
}
