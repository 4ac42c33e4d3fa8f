/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The thread pool of a session. Work is a number of tiles that depends on shapes alone; callers claim
 * tiles one by one, and parts of the last ones, so a busy neighbour delays one tile or part, not a layer. The calling
 * thread works too.
 * Threads are made by the first he_pool_run that can use them, sleep when idle, and are joined by free.
 * Inside, denormals are flushed to zero; the caller's floating-point state is restored after. */
#ifndef HE_CORE_POOL_H
#define HE_CORE_POOL_H

#include "human-eye.h"

typedef struct HePool HePool;
/* TILE from 0 to n - 1; WORKER from 0 to he_pool_get_n_threads - 1, for scratch memory. */
typedef void (*HeTileFunc)(void *data, size_t tile, int worker);

HePool *he_pool_new(int n_threads); /* 0: he_os_n_cpus() */
void he_pool_free(HePool *pool);
int he_pool_get_n_threads(const HePool *pool); /* 1 for a NULL pool */
/* Runs all tiles and returns when they are done. A NULL pool runs them here. */
void he_pool_run(HePool *pool, size_t n_tiles, HeTileFunc func, void *data);
/* Inside a tile of POOL: runs the parts of it that do not hang on each other, and returns when they are done. Threads
 * that have no tile left take some, the last ones first. A NULL pool, or one whose tile this is not, runs them here. */
void he_pool_share(HePool *pool, size_t n_parts, HeTileFunc func, void *data);

#endif
