/*
 * Makes time_t 64 bits long; in Emscripten 3.1.6 it has 32 bits on wasm32. Included before every source, so that the
 * core and the glue agree. This is safe because no code calls a function of Emscripten's libc that takes or returns a
 * time. wasm/glue.c asserts the size.
 */
#ifndef TIME64_H
#define TIME64_H

#define __DEFINED_time_t
typedef long long time_t;

#endif
