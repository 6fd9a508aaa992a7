/** A program for the bundlers that uses every entry point: `application ADDRESS SOCKET`. */
import { getTracking } from 'chrony-wasm';
import { collectChrony } from 'chrony-wasm/prometheus';
import { startMockChronyd } from 'chrony-wasm/testing';
import { Registry } from 'prom-client';

async function main() {
  const [, , address, socket] = process.argv;
  const { stratum } = await getTracking(address);
  const unix = await getTracking(socket).then(
    (tracking) => tracking.stratum,
    ({ code }) => code,
  );
  const mock = await startMockChronyd('synchronized');
  const registry = new Registry();
  const chrony = collectChrony(registry, { address: mock.address });
  const [, metric] = /^chrony_tracking_stratum (.*)$/m.exec(await registry.metrics());
  await chrony.close();
  await mock.close();
  console.log(JSON.stringify({ stratum, unix, metric }));
}

main();
