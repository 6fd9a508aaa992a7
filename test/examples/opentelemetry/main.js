// Metrics of the clock by OpenTelemetry, with the names of the Collector's chronyreceiver, for Prometheus to scrape.
// Run: node main.js [address], then open http://127.0.0.1:9464/metrics.
import { metrics } from '@opentelemetry/api';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { observeChrony } from 'chrony-wasm/opentelemetry';

const exporter = new PrometheusExporter({
  host: '127.0.0.1',
  port: Number(process.env.PORT ?? 9464),
  preventServerStart: true,
});
const provider = new MeterProvider({ readers: [exporter] });
metrics.setGlobalMeterProvider(provider);

const chrony = observeChrony(metrics.getMeter('clock'), { address: process.argv[2], names: 'ntp' });
await exporter.startServer();
// stands for the application: the exporter alone does not keep the process running
const application = setInterval(() => {}, 60_000);
console.log('started');
process.once('SIGTERM', async () => {
  clearInterval(application);
  await chrony.close();
  await provider.shutdown();
});
