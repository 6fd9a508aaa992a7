/** What a timestamp of a bounded clock costs, beside a reading of the two clocks that it is made of. */
import { BoundedClock } from '../../src/index.ts';
import { Chronyd } from '../support/chronyd.ts';
import { atMost, type Benchmark, interleaved, NODE } from './benchmark.ts';

const LIMIT = 1.4;
const ROUNDS = 60;
const CALLS = 200_000;

/** So many calls, whose results are used. */
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
