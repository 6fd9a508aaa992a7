// Imports the library and runs it: it rejects an invalid address only after everything is loaded.
import { ChronyConnection } from '../../../dist/index.js';

await ChronyConnection.open('no address:').then(process.abort, () => {});
