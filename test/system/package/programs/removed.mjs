/** Loads a copy of the package, removes its files, and prints the results of calls: `removed.mjs FOLDER ADDRESS...`. */
import { rmSync } from 'node:fs';

const [, , folder, ...addresses] = process.argv;
const { getTracking } = await import(`${folder}/dist/index.js`);
rmSync(folder, { recursive: true });
const outcomes = addresses.map((address) =>
  getTracking(address).then(
    ({ stratum }) => stratum,
    ({ code, message }) => `${code} ${message}`,
  ),
);
console.log(JSON.stringify(await Promise.all(outcomes)));
