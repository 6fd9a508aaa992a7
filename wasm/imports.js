/*
 * The names that the linker may leave to the host: emcc looks them up here, and refuses any other undefined symbol. Nothing
 * of this file reaches the binary; host.h says what the imports do.
 */
mergeInto(LibraryManager.library, {
  send: () => {},
  recv: () => {},
  entropy: () => {},
});
