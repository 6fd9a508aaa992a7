// webpack.mjs ENTRY FOLDER
import { promisify } from 'node:util';
import webpack from 'webpack';

const [, , entry, folder] = process.argv;
const stats = await promisify(webpack)({
  mode: 'production',
  target: 'node20.19',
  entry,
  output: { path: folder, filename: 'bundle.cjs' },
});
const { errors, warnings } = stats.toJson({ errors: true, warnings: true });
for (const { moduleName, message } of [...errors, ...warnings]) console.error(moduleName, message);
