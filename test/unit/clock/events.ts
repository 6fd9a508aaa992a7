/** Generated events for a simulated machine and its chronyd. */
import fc from 'fast-check';
import { MAX_DRIFT_PPM, type World } from './world.ts';

const MS = 1_000_000n;
const SECOND = 1000n * MS;

/** An event that needs no reply of chronyd. */
export type Happening =
  | { readonly kind: 'pass'; readonly ns: bigint }
  | { readonly kind: 'drift' | 'slew'; readonly part: number }
  | { readonly kind: 'step'; readonly ns: bigint }
  | { readonly kind: 'suspend'; readonly ns: bigint; readonly off: bigint }
  | { readonly kind: 'interval'; readonly seconds: number }
  | { readonly kind: 'measure' | 'restart' | 'local' };

export type Event =
  | Happening
  /** An event that happens between two readings of the clocks. */
  | { readonly kind: 'interrupt'; readonly readings: number; readonly event: Happening }
  /** A request to chronyd, with events before and after chronyd reads the clock. */
  | {
      readonly kind: 'ask';
      readonly before: readonly Happening[];
      readonly after: readonly Happening[];
      readonly noise: number;
      readonly poll: number | null;
    }
  /** The virtual machine is paused. */
  | { readonly kind: 'pause'; readonly ns: bigint }
  /** A request that chronyd does not answer. */
  | { readonly kind: 'fail'; readonly ns: bigint };

function between(low: bigint, high: bigint): fc.Arbitrary<bigint> {
  return fc.bigInt({ min: low, max: high });
}

const stall = fc
  .record({ readings: fc.integer({ min: 1, max: 4 }), ns: between(0n, 5n * MS) })
  .map(({ readings, ns }): Event => ({ kind: 'interrupt', readings, event: { kind: 'pass', ns } }));

/** A share of the maximum rate, most often an extreme one. */
const part = fc.oneof(fc.constantFrom(-1, 0, 1), fc.double({ min: -1, max: 1, noNaN: true }));

/** @param leastStep - the smallest step; smaller ones cannot be told from other events */
function happenings(leastStep: bigint): fc.Arbitrary<Happening> {
  const step = fc
    .tuple(between(leastStep, 400_000n * SECOND), fc.boolean())
    .map(([ns, back]): Happening => ({ kind: 'step', ns: back ? -ns : ns }));
  const suspend = between(2n * leastStep, 100_000n * SECOND).chain((ns) =>
    between(-ns / 10n, ns / 10n).map((off): Happening => ({ kind: 'suspend', ns, off })),
  );
  return fc.oneof(
    { weight: 4, arbitrary: between(0n, 3n * SECOND).map((ns): Happening => ({ kind: 'pass', ns })) },
    { weight: 1, arbitrary: between(0n, 1200n * SECOND).map((ns): Happening => ({ kind: 'pass', ns })) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('drift', 'slew'), part }) },
    { weight: 1, arbitrary: step },
    { weight: 1, arbitrary: suspend },
    { weight: 4, arbitrary: fc.constant<Happening>({ kind: 'measure' }) },
    { weight: 1, arbitrary: fc.constantFrom<Happening>({ kind: 'restart' }, { kind: 'local' }) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(0, 2, 64).map((seconds): Happening => ({ kind: 'interval', seconds })),
    },
  );
}

/** Events without interruptions other than short stalls, so that the expected status is certain. */
export function plainEvents(leastStep: bigint): fc.Arbitrary<Event> {
  const happening = happenings(leastStep);
  const ask = fc.record({
    kind: fc.constant('ask'),
    before: fc.array(happening, { maxLength: 2 }),
    after: fc.array(happening, { maxLength: 2 }),
    noise: fc.oneof(fc.constant(0), fc.integer({ min: -5_000_000, max: 5_000_000 })),
    poll: fc.constantFrom(null, 0.5, 64, 1024),
  });
  return fc.oneof(
    { weight: 9, arbitrary: happening },
    { weight: 3, arbitrary: stall },
    { weight: 12, arbitrary: ask },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('pause'), ns: between(0n, 1000n * SECOND) }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('fail'), ns: between(0n, 7n * SECOND) }) },
  );
}

export function events(leastStep: bigint): fc.Arbitrary<Event> {
  const interrupt = fc.record({
    kind: fc.constant('interrupt'),
    readings: fc.integer({ min: 1, max: 4 }),
    event: happenings(leastStep),
  });
  return fc.oneof({ weight: 9, arbitrary: plainEvents(leastStep) }, { weight: 1, arbitrary: interrupt });
}

export function happen(world: World, event: Happening): void {
  switch (event.kind) {
    case 'pass':
      world.pass(event.ns);
      break;
    case 'drift':
      world.drift = event.part * MAX_DRIFT_PPM;
      break;
    case 'slew':
      world.slew = event.part * world.slewPpm;
      break;
    case 'step':
      world.step(event.ns);
      break;
    case 'suspend':
      world.suspend(event.ns, event.off);
      break;
    case 'interval':
      world.updateInterval = event.seconds;
      break;
    case 'local':
      world.local = !world.local;
      break;
    case 'measure':
      world.measure();
      break;
    case 'restart':
      world.restart();
      break;
  }
}
