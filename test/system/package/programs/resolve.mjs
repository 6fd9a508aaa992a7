import { fileURLToPath } from 'node:url';

console.log(fileURLToPath(import.meta.resolve('chrony-wasm/libchrony.wasm')));
