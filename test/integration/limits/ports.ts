/** A program on a machine with only a few ports. Prints the outcomes of calls while ports run out and afterwards. */
import { ChronyConnection } from '../../../src/index.ts';
import { startMockChronyd } from '../../../src/testing/index.ts';
import { outcome } from './outcome.ts';

await using mock = await startMockChronyd('synchronized', { port: 323 });
const connections: ChronyConnection[] = [];
const openAndAsk = async (): Promise<void> => {
  const chrony = await ChronyConnection.open(mock.address);
  connections.push(chrony);
  await chrony.getTracking();
};
const outcomes: unknown[] = [];
for (let i = 0; i < 6; i++) outcomes.push(await outcome(openAndAsk()));
for (const chrony of connections) await chrony.close();
const later = await outcome(openAndAsk());
await connections.at(-1)?.close();
console.log(JSON.stringify({ outcomes, later }));
