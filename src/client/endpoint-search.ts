/** Finds the endpoint of a chronyd where the address allows several: the first that replies is used. */
import { ChronyConnectionError, ChronyError, ChronyPermissionError, ChronyTimeoutError } from '../errors.ts';
import { isAnswer } from '../sandbox/errors.ts';
import type { Endpoint } from '../socket/address.ts';
import type { ChannelPool } from './pool.ts';
import type { Skipped } from './refusal.ts';

/**
 * Returns the pool of the first endpoint that replies. The pools of the others are retired.
 *
 * @param endpoints - in the order in which they are tried
 * @param newPool - makes the pool of an endpoint; throws to end the search
 * @throws ChronyError: of the only endpoint, or one that names all endpoints.
 */
export async function searchEndpoint(
  endpoints: readonly Endpoint[],
  newPool: (endpoint: Endpoint) => ChannelPool,
): Promise<ChannelPool> {
  const skipped: Skipped[] = [];
  for (const endpoint of endpoints) {
    const pool = newPool(endpoint);
    try {
      await probe(pool, endpoints.length > 1);
      pool.skipped = skipped;
      return pool;
    } catch (error) {
      pool.retire();
      // any other error is independent of the endpoint, so the next endpoint would give it, too
      if (!(error instanceof ChronyConnectionError || error instanceof ChronyPermissionError)) throw error;
      skipped.push({ endpoint, error });
    }
  }
  throw summary(skipped.map(({ error }) => error));
}

/**
 * Opens a socket. If there are several endpoints, also requests a report, to see whether chronyd replies. A refusal
 * is a reply, too.
 */
async function probe(pool: ChannelPool, isChoice: boolean): Promise<void> {
  if (!isChoice) return pool.open(undefined);
  try {
    await pool.ask('tracking', 0, () => {}, undefined);
  } catch (error) {
    if (!(error instanceof ChronyError && isAnswer(error))) throw error;
  }
}

/** One error for all endpoints. */
function summary(failures: readonly ChronyError[]): ChronyError {
  const [only, ...more] = failures;
  if (only !== undefined && more.length === 0) return only;
  const tried = failures.map(({ message }) => message).join('\n  ');
  const cause = new AggregateError(failures);
  // the most informative class: a timeout says that chronyd may be there, a denial that something is
  const ErrorClass =
    [ChronyTimeoutError, ChronyPermissionError].find((Class) =>
      failures.some((failure) => failure instanceof Class),
    ) ?? ChronyConnectionError;
  return new ErrorClass(`no chronyd answered; tried:\n  ${tried}`, { cause });
}
