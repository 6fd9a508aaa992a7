/** `make way`: prints the files and functions that a request runs through. */
import { extent, ways } from './way.ts';

for (const [question, way] of Object.entries(await ways())) {
  const { files, functions, calls } = extent(way);
  process.stdout.write(`${question}: ${files} files, ${functions} functions, ${calls} calls\n`);
  for (const file of new Set(way.map(([name]) => name))) {
    const ran = way.filter(([name]) => name === file).map(([, name, times]) => `${name || '=>'} ${times}`);
    process.stdout.write(`  ${file}: ${ran.join(', ')}\n`);
  }
}
