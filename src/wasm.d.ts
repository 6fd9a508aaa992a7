/** A binary as esbuild's loader of that name embeds it. */
declare module '*.wasm' {
  const bytes: Uint8Array<ArrayBuffer>;
  export default bytes;
}
