/** fast-check's arbitraries of scripts. */
import fc from 'fast-check';
import type { ReportName } from '../../../src/reports/index.ts';
import { type Asked, anyGoodReply, anyReply, count, damaged, requestsFor } from './replies.ts';
import type { Script, Step } from './script.ts';

const reportNames = Object.keys(requestsFor) as ReportName[];

/** Mostly records that there may be; sometimes any C int. */
const anyIndex = fc.oneof(
  { weight: 5, arbitrary: fc.constant(0) },
  { weight: 2, arbitrary: fc.nat({ max: 5 }) },
  { weight: 1, arbitrary: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }) },
);

const replyStep = (datagram: Uint8Array): Step => ({ step: 'reply', datagram });

/** What arrives for one request: perhaps some nonsense, then perhaps an answer. */
function anyReplies(asked: Asked): fc.Arbitrary<Step[]> {
  return fc
    .tuple(
      fc.array(anyReply(asked), { maxLength: 2 }),
      fc.option(anyGoodReply(asked), { freq: 4, nil: undefined }),
    )
    .map(([some, good]) => [...some, ...(good === undefined ? [] : [good])].map(replyStep));
}

/** Rarely, something is about to fail. */
const anyFailure = fc.oneof(
  { weight: 9, arbitrary: fc.constant<Step[]>([]) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom('send' as const, 'entropy' as const)
      .map((call): Step[] => [{ step: 'fail', call }]),
  },
);

/** A request, all that arrives until it is done with, and whatever fails. */
function anyRequest(first: Step, asked: readonly Asked[]): fc.Arbitrary<Step[]> {
  return fc
    .tuple(anyFailure, ...asked.flatMap((each) => [anyFailure, anyReplies(each)]))
    .map(([failure, ...later]) => [...failure, first, ...later.flat()]);
}

function anyRequestFor(report: ReportName): fc.Arbitrary<Step[]> {
  return fc.oneof(
    { weight: 1, arbitrary: anyRequest({ step: 'count', report }, [count]) },
    {
      weight: 4,
      arbitrary: anyIndex.chain((index) =>
        anyRequest({ step: 'record', report, index }, requestsFor[report]),
      ),
    },
  );
}

/** A few requests of one session, some of them not waited for. */
export const anyScript: fc.Arbitrary<Script> = fc
  .array(fc.constantFrom(...reportNames).chain(anyRequestFor), { minLength: 1, maxLength: 3 })
  .map((requests) => requests.flat());

/** One of these scripts, in which something happened to one of the replies, which may then arrive whole, too. */
export function anyDamage(scripts: readonly Script[]): fc.Arbitrary<Script> {
  const places = scripts.flatMap((script) =>
    script.flatMap((step, at) => (step.step === 'reply' ? [{ script, at, datagram: step.datagram }] : [])),
  );
  return fc.constantFrom(...places).chain(({ script, at, datagram }) =>
    fc.tuple(damaged(datagram), fc.boolean()).map(([changed, instead]) => {
      const rest = script.slice(instead ? at + 1 : at);
      return [...script.slice(0, at), replyStep(changed), ...rest];
    }),
  );
}
