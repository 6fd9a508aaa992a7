// The library, imported and at work: an address that cannot be read is refused only when all is loaded.
import { ChronyConnection } from '../../../dist/index.js';

await ChronyConnection.open('no address:').then(process.abort, () => {});
