import { build } from 'esbuild';
import { embedWasm } from '/work/main/wasm/embed.mjs';
const min = process.argv[3]==='min';
await build({bundle:true,format:'esm',platform:'node',target:'node20.19',define:{VERSION:'"x"'},minify:min,keepNames:false,entryPoints:[process.argv[4]??'src/index.ts'],outfile:process.argv[2],plugins:[embedWasm]});
