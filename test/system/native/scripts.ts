/** fast-check arbitraries of scripts. */
import fc from 'fast-check';
import {
  anyGoodReply,
  anyReply,
  askedBy,
  byAddress,
  count,
  damaged,
  lookup,
  type RequestKind,
  requestsFor,
} from './replies.ts';
import type { Name, Script, Step } from './script.ts';

const names = Object.keys(requestsFor) as Name[];
const clients = askedBy(68);

/** Mostly the index of a record that may exist; sometimes any C int. */
const anyIndex = fc.oneof(
  { weight: 5, arbitrary: fc.constant(0) },
  { weight: 2, arbitrary: fc.nat({ max: 5 }) },
  { weight: 1, arbitrary: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }) },
);

const replyStep = (datagram: Uint8Array): Step => ({ step: 'reply', datagram });

/** The datagrams that arrive for one request: possibly random ones, then possibly an answer. */
function anyReplies(request: RequestKind): fc.Arbitrary<Step[]> {
  return fc
    .tuple(
      fc.array(anyReply(request), { maxLength: 2 }),
      fc.option(anyGoodReply(request), { freq: 4, nil: undefined }),
    )
    .map(([some, good]) => [...some, ...(good === undefined ? [] : [good])].map(replyStep));
}

/** Rarely, a step that makes the next call fail. */
const anyFailure = fc.oneof(
  { weight: 9, arbitrary: fc.constant<Step[]>([]) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom('send' as const, 'entropy' as const)
      .map((call): Step[] => [{ step: 'fail', call }]),
  },
);

/** A request, the datagrams that arrive until it is finished, and failures. */
function anyRequest(first: Step, requests: readonly RequestKind[]): fc.Arbitrary<Step[]> {
  return fc
    .tuple(anyFailure, ...requests.flatMap((each) => [anyFailure, anyReplies(each)]))
    .map(([failure, ...later]) => [...failure, first, ...later.flat()]);
}

/** Valid and invalid texts of addresses. */
const anyAddressText = fc.oneof(
  { weight: 4, arbitrary: fc.oneof(fc.ipV4(), fc.ipV6()) },
  { weight: 2, arbitrary: fc.nat({ max: 0xffffffff }).map((id) => `ID#${String(id).padStart(10, '0')}`) },
  { weight: 1, arbitrary: fc.string({ maxLength: 80 }).map((text) => text.replace(/[^!-~]/g, '')) },
);

/** A request for a source by its address, or by its index while its record of sourcestats is held. */
const anyRequestByAddress = fc.constantFrom(...names).chain((report) => {
  const requests = requestsFor[report].slice(-1);
  return fc.oneof(
    anyAddressText.chain((address) => anyRequest({ step: 'source', report, address }, requests)),
    anyIndex.chain((index) =>
      fc
        .tuple(
          anyRequest({ step: 'record', report: 'sourcestats', index }, [lookup]),
          fc.constantFrom(...byAddress),
          fc.oneof({ weight: 4, arbitrary: fc.constant(index) }, { weight: 1, arbitrary: anyIndex }),
        )
        .chain(([before, by, i]) =>
          anyRequest({ step: 'record', report: by, index: i }, requestsFor[by].slice(-1)).map((after) => [
            ...before,
            ...after,
          ]),
        ),
    ),
  );
});

const anyWord = fc.oneof(fc.nat({ max: 20 }), fc.nat({ max: 0xffffffff }));

/** A request for a batch of clients, and the selection of entries of the held record. */
const anyRequestWithEntries = fc
  .tuple(
    fc.oneof(
      fc
        .tuple(anyWord, anyWord)
        .chain(([first, minimum]) => anyRequest({ step: 'clients', first, minimum }, [clients])),
      anyRequest({ step: 'record', report: 'manual list', index: 0 }, requestsFor['manual list']),
    ),
    fc.array(fc.oneof(fc.integer({ min: -1, max: 16 }), anyIndex), { maxLength: 4 }),
  )
  .map(([request, entries]) => [...request, ...entries.map((index): Step => ({ step: 'entry', index }))]);

function anyRequestFor(report: Name): fc.Arbitrary<Step[]> {
  return fc.oneof(
    { weight: 1, arbitrary: anyRequest({ step: 'count', report }, [report === 'clients' ? clients : count]) },
    {
      weight: 4,
      arbitrary: anyIndex.chain((index) =>
        anyRequest({ step: 'record', report, index }, requestsFor[report]),
      ),
    },
  );
}

/** A few requests of one session; some are abandoned before the answer. */
export const anyScript: fc.Arbitrary<Script> = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(...names).chain(anyRequestFor) },
      { weight: 1, arbitrary: anyRequestByAddress },
      { weight: 1, arbitrary: anyRequestWithEntries },
    ),
    { minLength: 1, maxLength: 3 },
  )
  .map((requests) => requests.flat());

/** One of these scripts with a damaged reply. The undamaged reply may follow it. */
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
