/** The cost of a timestamp from a bounded clock, compared with reading the two clocks that it is based on. */
import { BoundedClock } from '../../src/index.ts';
import { Chronyd } from '../support/chronyd.ts';
import { atMost, type Benchmark, interleaved, NODE } from './benchmark.ts';

const LIMIT = 1.4;
const ROUNDS = 60;
const CALLS = 200_000;

/** Makes `CALLS` calls and uses their results, so that they are not optimized away. */
function calls(call: () => bigint): () => void {
  return () => {
    let last = 0n;
    for (let i = 0; i < CALLS; i++) last = call();
    if (last === 0n) throw new Error('that is no time');
  };
}

export const boundNow: Benchmark = {
  name: 'bound-now',
  async run() {
    await using chronyd = await Chronyd.start({ config: ['local stratum 5'] });
    await using clock = await BoundedClock.start({ address: chronyd.address, allowLocal: true });
    const { bounded, clocks } = await interleaved(
      {
        bounded: calls(() => clock.now().latest),
        clocks: calls(() => process.hrtime.bigint() + (Date.now() > 0 ? 1n : 0n)),
      },
      ROUNDS,
    );
    return [
      atMost(LIMIT, {
        name: 'bound-now',
        ours: (bounded * 1e6) / CALLS,
        reference: (clocks * 1e6) / CALLS,
        unit: 'ns',
        runtime: NODE,
      }),
    ];
  },
};
