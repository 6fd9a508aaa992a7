// Prints the functions that one getTracking() runs through, as counted by V8: `way.mjs ADDRESS`. Needs a Node.js that runs
// TypeScript directly (22.18 or later), so that the files and functions are those of the source.
import { readFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';
import { embed } from '../../../wasm/embed.mjs';

const [, , address] = process.argv;
const root = new URL('../../../', import.meta.url).href;
const binary = await embed('wasm/libchrony.wasm');
const { compilerOptions } = JSON.parse(readFileSync('tsconfig.json', 'utf8'));

registerHooks({
  resolve(specifier, context, next) {
    const [path] = compilerOptions.paths[specifier] ?? [];
    return next(path === undefined ? specifier : pathToFileURL(path).href, context);
  },
  load: (url, context, next) =>
    url.endsWith('.wasm') ? { format: 'module', source: binary, shortCircuit: true } : next(url, context),
});

const { ChronyConnection, getTracking } = await import('../../../src/index.ts');

const session = new Session();
session.connect();
await session.post('Profiler.enable');
await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });

/** The functions that run from now until the work is done, as [file, function, calls]. */
async function callPath(work) {
  await session.post('Profiler.takePreciseCoverage');
  await work();
  const { result } = await session.post('Profiler.takePreciseCoverage');
  return result
    .filter(({ url }) => url.startsWith(`${root}src/`))
    .flatMap(({ url, functions }) =>
      functions
        // A module counts as a function that begins at its first character.
        .filter(({ ranges }) => ranges[0].count > 0 && ranges[0].startOffset > 0)
        .map(({ functionName, ranges }) => [url.slice(`${root}src/`.length), functionName, ranges[0].count]),
    );
}

// The first calls also load and create objects that later calls reuse: do not count them.
for (let i = 0; i < 20; i++) await getTracking(address);
const connection = await ChronyConnection.open(address);
for (let i = 0; i < 20; i++) await connection.getTracking();
const callPaths = {
  'one-shot': await callPath(() => getTracking(address)),
  'open connection': await callPath(() => connection.getTracking()),
};
await connection.close();
process.stdout.write(JSON.stringify(callPaths));
