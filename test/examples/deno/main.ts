// Prints the state of the clock in Deno. UDP needs --allow-net only; the Unix socket needs --allow-ffi, --allow-read and
// --allow-write, too.
// Run: deno run --allow-net main.ts [address]
import { ChronyError, getTracking } from 'chrony-wasm';

try {
  const status = await getTracking(Deno.args[0] ?? '127.0.0.1:323');
  console.log(status.isSynchronized() ? `synchronized, stratum ${status.stratum}` : 'not synchronized');
} catch (error) {
  if (!(error instanceof ChronyError)) throw error;
  console.error(error.message);
  Deno.exitCode = 1;
}
