// single-executable.mjs ENTRY FOLDER: the Node.js executable with the program inside.
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { inject } from 'postject';

const [, , entry, folder] = process.argv;
const main = join(folder, 'main.cjs');
await build({ entryPoints: [entry], outfile: main, bundle: true, platform: 'node', format: 'cjs' });
const output = join(folder, 'main.blob');
const config = join(folder, 'config.json');
writeFileSync(config, JSON.stringify({ main, output, disableExperimentalSEAWarning: true }));
execFileSync(process.execPath, ['--experimental-sea-config', config], {
  stdio: 'pipe',
});
const program = join(folder, 'bundle');
copyFileSync(process.execPath, program);
chmodSync(program, 0o755);
// of the sections of some builds of Node.js, which run nevertheless
console.warn = () => {};
await inject(program, 'NODE_SEA_BLOB', readFileSync(output), {
  sentinelFuse: 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2',
});
