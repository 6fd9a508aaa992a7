/** Fetches the clients of a chronyd, in the batches that chronyd sends. */
import { ChronyDataError } from '../errors.ts';
import { type ClientAccess, extensionDecoders } from '../reports/index.ts';
import { CLIENTS_IN_REPLY } from '../sandbox/allowed-requests.ts';
import type { Session } from '../sandbox/session.ts';
import type { AbortSignalLike } from '../util/abort.ts';
import type { ChannelPool } from './pool.ts';

const { report, decode } = extensionDecoders.clients;

/** A longer table would take gigabytes of chronyd's memory, so a larger length in a reply is invalid. */
const MAX_INDICES = 2 ** 24;

/** The largest number of clients to keep, because each takes memory. */
const MAX_CLIENTS = 2 ** 20;

/** The number of times to read the table while its length changes. */
const MAX_ROUNDS = 10;

/** A batch of clients, and its position in chronyd's table. */
interface Batch {
  /** The length of the table. */
  readonly indices: number;
  readonly nextIndex: number;
  readonly clients: readonly ClientAccess[];
}

/**
 * Fetches all clients, each once: n / 8 + 1 requests for n clients. When chronyd enlarges its table, it moves clients
 * to other places, so the table is then read again from the start.
 *
 * @throws ChronyError; the signal's reason.
 */
export async function fetchClients(
  pool: ChannelPool,
  minimumHits: number,
  signal: AbortSignalLike | undefined,
): Promise<ClientAccess[]> {
  const clients = new Map<string, ClientAccess>();
  let length = 0;
  let index = 0;
  let requests = 0;
  for (let round = 1; ; ) {
    const batch = await fetchBatch(pool, index, minimumHits, signal);
    if (batch.indices > MAX_INDICES) throw impossible(batch);
    if (length !== 0 && batch.indices !== length) {
      clients.clear();
      if (++round > MAX_ROUNDS) throw keptChanging();
      index = 0;
      requests = 0;
    } else {
      const isEnd = batch.nextIndex >= batch.indices;
      const isStuck = !isEnd && batch.nextIndex <= index;
      if (isStuck || ++requests > maxRequests(batch.indices)) throw impossible(batch);
      for (const client of batch.clients) clients.set(client.address, client);
      if (clients.size > MAX_CLIENTS) throw tooMany();
      if (isEnd) return [...clients.values()];
      index = batch.nextIndex;
    }
    length = batch.indices;
  }
}

function fetchBatch(
  pool: ChannelPool,
  index: number,
  minimumHits: number,
  signal: AbortSignalLike | undefined,
): Promise<Batch> {
  return pool.ask(report, (session) => session.requestClients(index, minimumHits), readBatch, signal);
}

function readBatch(session: Session): Batch {
  const { record } = session;
  const indices = record.number('indices');
  const nextIndex = record.number('next index');
  const clients: ClientAccess[] = [];
  for (let i = 0; i < session.numberEntries; i++) {
    const entry = session.entry(i);
    // an entry that is not in use has no address
    if (entry.text('address') !== null) clients.push(decode(entry));
  }
  return { indices, nextIndex, clients };
}

/** The largest number of requests: only the last batch may be less than full. */
function maxRequests(indices: number): number {
  return Math.floor(indices / CLIENTS_IN_REPLY) + 1;
}

function keptChanging(): ChronyDataError {
  return new ChronyDataError(`${report}: the length of chronyd's table kept changing; ask again`);
}

function impossible({ indices, nextIndex }: Batch): ChronyDataError {
  return new ChronyDataError(
    `${report}: the reply points to index ${nextIndex} of ${indices}, which no chronyd does; check which program listens there`,
  );
}

function tooMany(): ChronyDataError {
  return new ChronyDataError(
    `${report}: more than ${MAX_CLIENTS} clients; omit the clients with few requests (minimumHits, clients -p)`,
  );
}
