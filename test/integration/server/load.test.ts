/** Load for some seconds: all requests are answered, and memory stays bounded. */
import { beforeAll, expect, it } from 'vitest';
import { Chronyd } from '../../support/chronyd.ts';
import { CommandLine } from '../cli/support.ts';
import { load } from './load.ts';
import { Serving } from './serving.ts';

let commandLine: CommandLine;
beforeAll(async () => {
  commandLine = await CommandLine.build();
});

/** A tenth of the growth if each scrape leaked its text, and enough for a heap before garbage collection. */
const NOISE = 64 * 2 ** 20;

it('serves 200 scrapes per second and 100 viewers', async () => {
  await using chronyd = await Chronyd.start({
    config: Array.from({ length: 8 }, (_, i) => `server 127.0.0.${i + 1} port 9`),
  });
  await using serving = await Serving.start(commandLine, '-h', chronyd.address, '--interval', '0.5');
  await serving.ready();
  const { scrapes, failures, updates, memory } = await load(serving, {
    seconds: 10,
    scrapes: 200,
    viewers: 100,
  });
  expect(scrapes).toBeGreaterThanOrEqual(1000);
  expect(failures).toBe(0);
  // all viewers get the same updates
  const [least, most] = updates;
  expect(least).toBeGreaterThan(0);
  expect(most - least).toBeLessThanOrEqual(2);
  const [early, , late] = memory;
  expect(late - early).toBeLessThan(NOISE);
});
