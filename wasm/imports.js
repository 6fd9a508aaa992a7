/*
 * The names of the imports, which the host provides. emcc looks them up here, and rejects any other undefined symbol.
 * Nothing from this file gets into the binary. host.h documents the imports.
 */
mergeInto(LibraryManager.library, {
  send: () => {},
  recv: () => {},
  entropy: () => {},
});
