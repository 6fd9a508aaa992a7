/** Loads a copy of the package, removes it, and asks: `removed.mjs FOLDER ADDRESS...`. Prints what each comes to. */
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
