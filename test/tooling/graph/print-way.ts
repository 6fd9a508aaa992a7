/** `make way`: prints the files and functions that a request runs through. */
import { callPaths, countsOf } from './way.ts';

for (const [call, callPath] of Object.entries(await callPaths())) {
  const { files, functions, calls } = countsOf(callPath);
  process.stdout.write(`${call}: ${files} files, ${functions} functions, ${calls} calls\n`);
  for (const file of new Set(callPath.map(([name]) => name))) {
    const ran = callPath
      .filter(([name]) => name === file)
      .map(([, name, times]) => `${name || '=>'} ${times}`);
    process.stdout.write(`  ${file}: ${ran.join(', ')}\n`);
  }
}
