/** An application with its own metrics, in prom-client and in OpenTelemetry. */
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { ChronyPermissionError } from 'chrony-wasm';
import { observeChrony } from 'chrony-wasm/opentelemetry';
import { collectChrony } from 'chrony-wasm/prometheus';
import { startMockChronyd } from 'chrony-wasm/testing';
import { register } from 'prom-client';

class Reader extends MetricReader {
  async onForceFlush() {}
  async onShutdown() {}
}

const mock = await startMockChronyd('permission denied');
let refused = false;
const onRefused = (_, error) => {
  refused = error instanceof ChronyPermissionError;
};
const options = { address: mock.address, onRefused };

const collected = collectChrony(register, options);
const [, prometheus] = /^chrony_tracking_stratum (.*)$/m.exec(await register.metrics());
await collected.close();

const reader = new Reader();
const observed = observeChrony(new MeterProvider({ readers: [reader] }).getMeter('clock'), options);
const { resourceMetrics } = await reader.collect();
const metrics = resourceMetrics.scopeMetrics[0].metrics;
const stratum = metrics.find(({ descriptor }) => descriptor.name === 'chrony.tracking.stratum');
await observed.close();

await mock.close();
console.log(
  JSON.stringify({
    prometheus: Number(prometheus),
    opentelemetry: stratum.dataPoints[0].value,
    refused,
  }),
);
