/** Finding the endpoint of a chronyd where the address leaves a choice: the first that answers is taken. */
import { ChronyConnectionError, ChronyError, ChronyPermissionError, ChronyTimeoutError } from '../errors.ts';
import { isAnswer } from '../sandbox/errors.ts';
import type { Endpoint } from '../socket/address.ts';
import type { ChannelPool } from './pool.ts';

/**
 * The pool of the first endpoint that answers. The pools of the others are retired.
 *
 * @param endpoints - in the order in which they are tried
 * @param newPool - makes the pool of an endpoint; throws when the search is to end
 * @throws ChronyError: the only endpoint's own, or one that names each.
 */
export async function searchEndpoint(
  endpoints: readonly Endpoint[],
  newPool: (endpoint: Endpoint) => ChannelPool,
): Promise<ChannelPool> {
  const failures: ChronyError[] = [];
  for (const endpoint of endpoints) {
    const pool = newPool(endpoint);
    try {
      await probe(pool, endpoints.length > 1);
      pool.skipped = failures;
      return pool;
    } catch (error) {
      pool.retire();
      // anything else has nothing to do with the endpoint: another one can do no better
      if (!(error instanceof ChronyConnectionError || error instanceof ChronyPermissionError)) throw error;
      failures.push(error);
    }
  }
  throw summary(failures);
}

/**
 * Opens a socket and, where there is a choice of endpoints, sees whether anything answers: a refusal is an
 * answer, too.
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
  // the class that says most: after a timeout something may be there, after a denial something is
  const ErrorClass =
    [ChronyTimeoutError, ChronyPermissionError].find((Class) =>
      failures.some((failure) => failure instanceof Class),
    ) ?? ChronyConnectionError;
  return new ErrorClass(`no chronyd answered; tried:\n  ${tried}`, { cause });
}
