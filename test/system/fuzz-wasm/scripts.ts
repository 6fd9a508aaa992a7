/** fast-check arbitraries of captured scripts, damaged as a network or an attacker may damage them. */
import fc from 'fast-check';
import { REPLY_HEADER_LENGTH } from '../../../src/testing/reply.ts';
import type { Script, Step } from '../native/script.ts';
import { anyDamage, anyScript } from '../native/scripts.ts';

type Reply = Extract<Step, { step: 'reply' }>;

/** The position of a reply in a script. */
interface Place {
  readonly script: Script;
  readonly at: number;
  readonly datagram: Uint8Array;
}

function placesIn(scripts: readonly Script[]): Place[] {
  return scripts.flatMap((script) =>
    script.flatMap((step, at) => (step.step === 'reply' ? [{ script, at, datagram: step.datagram }] : [])),
  );
}

/** The script with another reply at this position. */
function replaced({ script, at }: Place, datagram: Uint8Array): Script {
  const step: Reply = { step: 'reply', datagram };
  return script.toSpliced(at, 1, step);
}

const EXTREMES = [0, 1, 0x7f, 0x80, 0xfe, 0xff];

/** A reply with a few extreme values in its body, each as long as a field. */
function extreme(place: Place): fc.Arbitrary<Script> {
  const { datagram } = place;
  const stretch = fc.record({
    from: fc.integer({ min: REPLY_HEADER_LENGTH, max: Math.max(REPLY_HEADER_LENGTH, datagram.length - 1) }),
    length: fc.constantFrom(1, 2, 4, 8, 12, 20),
    first: fc.constantFrom(...EXTREMES),
    rest: fc.constantFrom(...EXTREMES),
  });
  return fc.array(stretch, { minLength: 1, maxLength: 4 }).map((stretches) => {
    const changed = datagram.slice();
    for (const { from, length, first, rest } of stretches) {
      changed.fill(rest, from, from + length);
      changed.fill(first, from, from + 1);
    }
    return replaced(place, changed);
  });
}

/** The head of one reply and the tail of another, of any reports. */
function spliced(place: Place, others: readonly Place[]): fc.Arbitrary<Script> {
  return fc
    .tuple(fc.constantFrom(...others), fc.nat({ max: place.datagram.length }), fc.nat({ max: 200 }))
    .map(([other, head, tail]) =>
      replaced(
        place,
        new Uint8Array([...place.datagram.subarray(0, head), ...other.datagram.subarray(tail)]),
      ),
    );
}

/** A valid header and a random body. */
function withNoise(place: Place): fc.Arbitrary<Script> {
  return fc
    .uint8Array({ minLength: 0, maxLength: 200 })
    .map((body) =>
      replaced(place, new Uint8Array([...place.datagram.subarray(0, REPLY_HEADER_LENGTH), ...body])),
    );
}

/** Several of these scripts in sequence on one session, regardless of their results. */
function inARow(one: fc.Arbitrary<Script>): fc.Arbitrary<Script> {
  return fc.array(one, { minLength: 1, maxLength: 4 }).map((scripts) => scripts.flat());
}

/** Any requests of a program, with any answers of a network. @param captured - scripts captured from servers */
export function anyNetwork(captured: readonly Script[]): fc.Arbitrary<Script> {
  const places = placesIn(captured);
  const anyPlace = fc.constantFrom(...places);
  return fc.oneof(
    { weight: 3, arbitrary: anyScript },
    { weight: 3, arbitrary: inARow(anyDamage(captured)) },
    { weight: 2, arbitrary: inARow(anyPlace.chain(extreme)) },
    { weight: 1, arbitrary: inARow(anyPlace.chain((place) => spliced(place, places))) },
    { weight: 1, arbitrary: inARow(anyPlace.chain(withNoise)) },
  );
}
