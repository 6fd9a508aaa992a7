/** Imports each of the modules, and prints the result of a call for each. */
const [address, ...modules] = process.argv.slice(2);
const results = [];
for (const module of modules) {
  const { ChronyLibraryError, getTracking } = await import(module);
  const caught = await getTracking({ address, timeoutMs: 500, retries: 0 }).catch((error) => error);
  results.push({
    isLibraryError: caught instanceof ChronyLibraryError,
    code: caught.code ?? null,
    message: caught.message ?? null,
  });
}
console.log(JSON.stringify(results));
