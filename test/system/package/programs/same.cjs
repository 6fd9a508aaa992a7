/** Checks that each entry point exports the same objects to require() and to import. */
const entries = process.argv.slice(2);

async function main() {
  const different = [];
  for (const entry of entries) {
    const required = require(entry);
    const imported = await import(entry);
    const names = new Set([...Object.keys(required), ...Object.keys(imported)]);
    for (const name of names) if (required[name] !== imported[name]) different.push(`${entry} ${name}`);
  }
  const { ChronyError, TrackingStatus } = require('chrony-wasm');
  const { getTracking } = await import('chrony-wasm');
  const { startMockChronyd } = require('chrony-wasm/testing');
  const mock = await startMockChronyd();
  const record = (await getTracking(mock.address)) instanceof TrackingStatus;
  await mock.close();
  const error = await getTracking('no address:').catch((reason) => reason instanceof ChronyError);
  console.log(JSON.stringify({ different, entries: entries.length, record, error }));
}

main();
