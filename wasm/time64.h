/*
 * A time_t of 64 bits, in place of the 32 that Emscripten 3.1.6 gives it on wasm32. Included before every source, so
 * that the C library and the glue agree. No function of Emscripten's libc that takes or returns a time is called;
 * wasm/glue.c asserts the size.
 */
#ifndef TIME64_H
#define TIME64_H

#define __DEFINED_time_t
typedef long long time_t;

#endif
