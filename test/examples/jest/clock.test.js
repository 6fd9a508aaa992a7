const { ChronyTimeoutError, getTracking } = require('chrony-wasm');
const { scenario, startMockChronyd } = require('chrony-wasm/testing');
const { describeClock, requireGoodClock } = require('./clock.js');

let mock;
beforeEach(async () => {
  mock = await startMockChronyd();
});
afterEach(async () => {
  jest.useRealTimers();
  await mock.close();
});

it('starts on a good clock', async () => {
  await requireGoodClock(mock.address);
});

it.each(['unsynchronized', 'no selected source', 'disrupted', 'silence'])(
  'does not start: %s',
  async (name) => {
    mock.scenario = name;
    await expect(requireGoodClock(mock.address)).rejects.toThrow('bad clock: ');
  },
);

it('describes the clock of a chronyd', async () => {
  mock.scenario = scenario('synchronized', { tracking: { stratum: 2, offset: 0.0015 } });
  expect(await describeClock(mock.address)).toBe('stratum 2, 1.500 ms');
});

// fake timers do not stop the mock, nor the library
it('reports a chronyd that does not reply', async () => {
  jest.useFakeTimers();
  mock.scenario = 'silence';
  const request = getTracking({ address: mock.address, timeoutMs: 50, retries: 0 });
  await expect(request).rejects.toBeInstanceOf(ChronyTimeoutError);
});
