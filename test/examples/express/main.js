// A web service that shows the metrics of its clock, and is not ready while the clock is wrong.
// Run: node main.js [address], then open http://127.0.0.1:8080/ready and /metrics.
import { checkHealth } from 'chrony-wasm';
import { collectChrony } from 'chrony-wasm/prometheus';
import express from 'express';
import { collectDefaultMetrics, register } from 'prom-client';

const address = process.argv[2];
const app = express();

collectDefaultMetrics();
const chrony = collectChrony(register, { address, reports: ['tracking', 'sources'] });
app.get('/metrics', async (_, response) => {
  response.type(register.contentType).send(await register.metrics());
});

app.get('/ready', async (_, response) => {
  const { state, reasons } = await checkHealth({ address });
  const isReady = state === 'ok' || state === 'warning';
  response.status(isReady ? 200 : 503).json({ state, reasons });
});

const server = app.listen(Number(process.env.PORT ?? 8080), '127.0.0.1', () => console.log('started'));
process.once('SIGTERM', async () => {
  server.close();
  await chrony.close();
});
