/** What all sources do that are not followed, in one sentence. */

import type { DataOf } from '../../reports/record.ts';
import type { Source } from '../../reports/sources.ts';
import type { Update } from '../../server/messages.ts';
import { reportOf } from '../report-data.ts';

type Group = readonly [words: (many: boolean) => string, is: (source: DataOf<Source>) => boolean];

/** A source is counted in the first that it fits. */
const GROUPS: readonly Group[] = [
  [(many) => `${many ? 'do' : 'does'} not answer`, ({ reachability }) => reachability === 0],
  [(many) => `${many ? 'are falsetickers' : 'is a falseticker'}`, ({ state }) => state === 'falseticker'],
  [(many) => `${many ? 'vary' : 'varies'} too much`, ({ state }) => state === 'jittery'],
  [
    (many) => `${many ? 'answer' : 'answers'}, but cannot be followed yet`,
    ({ state }) => state === 'nonselectable',
  ],
  [() => 'could be followed', () => true],
];

export function whatSourcesDo(update: Update): string {
  const sources = reportOf(update, 'sources') ?? [];
  if (sources.length === 0) return 'chronyd has no sources: its configuration names none.';
  const isOnly = sources.length === 1;
  const groups = sources.map((source) => GROUPS.find(([, is]) => is(source)));
  const parts = GROUPS.flatMap((group) => {
    const count = groups.filter((each) => each === group).length;
    if (count === 0) return [];
    const words = group[0](count > 1);
    return isOnly ? words : `${count} ${words}`;
  });
  return `${isOnly ? 'Its only source' : `Of ${sources.length} sources`} ${parts.join(', ')}.`;
}
