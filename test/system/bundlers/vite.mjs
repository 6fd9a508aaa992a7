// vite.mjs ENTRY FOLDER: a server bundle that contains all dependencies.
import { build } from 'vite';

const [, , entry, folder] = process.argv;
await build({
  configFile: false,
  logLevel: 'warn',
  ssr: { noExternal: true, target: 'node' },
  build: { ssr: entry, outDir: folder, rolldownOptions: { output: { entryFileNames: 'bundle.mjs' } } },
});
