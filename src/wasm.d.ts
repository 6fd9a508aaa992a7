/** A binary as `wasm/embed.mjs` puts it into a bundle. */
declare module '*.wasm' {
  /** Its bytes; null if they are not what they were when they were embedded. */
  export default function loadBinary(): Uint8Array<ArrayBuffer> | null;
}
