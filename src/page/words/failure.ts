/** What to say of a clock whose chronyd did not answer. */
import type { Failure } from '../../server/messages.ts';
import type { Words } from './words.ts';

const DRIFTS = 'Perhaps nothing corrects this clock: then it drifts, and how far it is off is not known.';
const SAYS_NOTHING = 'That says nothing of the clock itself.';

const BY_CODE: Readonly<Record<string, readonly [headline: string, meaning: string]>> = {
  ERR_CHRONY_CONNECTION: [
    'chronyd cannot be reached.',
    `It does not run, or not where it is asked. ${DRIFTS}`,
  ],
  ERR_CHRONY_TIMEOUT: [
    'chronyd does not answer.',
    `It does not run, hangs, or may not be asked from here. ${DRIFTS}`,
  ],
  ERR_CHRONY_RESOLVE: ['chronyd cannot be found.', `The name of where it is asked has no address. ${DRIFTS}`],
  ERR_CHRONY_PERMISSION: ['chronyd may not be asked from here.', SAYS_NOTHING],
};

/** @param failure - undefined before anything was asked */
export function withoutAnswer(failure: Failure | undefined): Words {
  const code = failure?.code ?? '';
  const [headline, meaning] = BY_CODE[code] ?? ['How this clock is cannot be told.', SAYS_NOTHING];
  return { kind: `failure ${code}`, headline, meaning, sum: '', short: 'chronyd does not tell' };
}
