/** `make load`: 200 scrapes per second and 100 viewers for a minute, with a real chronyd. Writes the figures. */
import { Chronyd } from '../../support/chronyd.ts';
import { grouped, writeFigures } from '../../support/figures.ts';
import { load } from './load.ts';
import { Serving } from './serving.ts';

const SECONDS = Number(process.env['LOAD_SECONDS'] ?? 60);
const SCRAPES = 200;
const VIEWERS = 100;

function megabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(0)} MB`;
}

await using chronyd = await Chronyd.start({
  config: Array.from({ length: 8 }, (_, i) => `server 127.0.0.${i + 1} port 9`),
});
await using serving = await Serving.start({ program: 'dist/cli.cjs' }, '-h', chronyd.address);
await serving.ready();
const { scrapes, failures, updates, memory, cpu } = await load(serving, {
  seconds: SECONDS,
  scrapes: SCRAPES,
  viewers: VIEWERS,
});
const [early, most, late] = memory;
writeFigures('load', [
  {
    what: `${SCRAPES} scrapes a second and ${VIEWERS} viewers of \`serve\`, for ${SECONDS} s`,
    figure:
      `${grouped(scrapes)} scrapes, ${failures} of them failed; ` +
      `${updates.join(' to ')} updates for each viewer; memory ${megabytes(early)} early, ${megabytes(late)} late, ` +
      `${megabytes(most)} at the most; ${(100 * cpu).toFixed(0)} % of a core`,
    command: 'make load',
  },
]);
if (failures > 0) process.exitCode = 1;
