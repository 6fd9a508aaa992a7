// Prints which functions one getTracking() runs through, by the engine's own count: `way.mjs ADDRESS`. For a Node.js that
// runs TypeScript as it is (22.18 and later), so that files and functions are those of the source.
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

/** What runs from now until the work is done, as [file, function, calls]. */
async function way(work) {
  await session.post('Profiler.takePreciseCoverage');
  await work();
  const { result } = await session.post('Profiler.takePreciseCoverage');
  return result
    .filter(({ url }) => url.startsWith(`${root}src/`))
    .flatMap(({ url, functions }) =>
      functions
        // a module itself is a function from its first character on
        .filter(({ ranges }) => ranges[0].count > 0 && ranges[0].startOffset > 0)
        .map(({ functionName, ranges }) => [url.slice(`${root}src/`.length), functionName, ranges[0].count]),
    );
}

// what the first call loads and makes is not on the way of a later one
for (let i = 0; i < 20; i++) await getTracking(address);
const connection = await ChronyConnection.open(address);
for (let i = 0; i < 20; i++) await connection.getTracking();
const ways = {
  'one-shot': await way(() => getTracking(address)),
  'open connection': await way(() => connection.getTracking()),
};
await connection.close();
process.stdout.write(JSON.stringify(ways));
