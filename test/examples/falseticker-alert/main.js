// Reports each source that the others contradict, and a chronyd that does not answer.
// Run: node main.js [address], e.g. once a minute. Exit status 0: none, 1: at least one, 3: not known.
import { ChronyError, getSources, SourceState } from 'chrony-wasm';

try {
  const sources = await getSources({ address: process.argv[2], names: true });
  for (const { address, name, state, latestMeas } of sources) {
    if (state !== SourceState.FALSETICKER) continue;
    // replace this line with your own notification
    console.log(`falseticker: ${name ?? address}, last measurement ${latestMeas} s`);
    process.exitCode = 1;
  }
} catch (error) {
  if (!(error instanceof ChronyError)) throw error;
  console.error(error.message);
  process.exitCode = 3;
}
