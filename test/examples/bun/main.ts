// Serves the state of the clock as JSON with Bun's own server. Bun reaches chronyd's Unix socket without a package.
// Run: bun main.ts [address], then open http://127.0.0.1:8080/
import { ChronyConnection, ChronyError } from 'chrony-wasm';

const chrony = await ChronyConnection.open(Bun.argv[2]);

const server = Bun.serve({
  hostname: '127.0.0.1',
  port: Number(process.env.PORT ?? 8080),
  async fetch() {
    try {
      const { stratum, offset, leapStatus } = await chrony.getTracking();
      return Response.json({ stratum, offset, leapStatus });
    } catch (error) {
      if (!(error instanceof ChronyError)) throw error;
      return Response.json({ code: error.code, message: error.message }, { status: 503 });
    }
  },
});
console.log('started');
process.once('SIGTERM', async () => {
  await server.stop();
  await chrony.close();
});
