/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The best of some runs: a processor that others use too is not slower than what it can do. */
#include "kernels/peak.h"

#include "core/limits.h"

#define RUNS  12
#define STEPS 100000 /* of a tile: a fraction of a millisecond */
#define TILES 8      /* for each thread */

typedef struct {
    HeKernelSet set;
    volatile float sink[HE_MAX_THREADS]; /* so that nothing is left out */
} Job;

static void run_tile(void *data, size_t tile, int worker)
{
    Job *job = data;
    (void)tile;
#if defined(__x86_64__)
    job->sink[worker] = job->set == HE_SET_AVX512 ? he_peak_avx512(STEPS, 0.5f)
                                                  : he_peak_avx2(STEPS, 0.5f);
#elif defined(__aarch64__)
    job->sink[worker] = he_peak_neon(STEPS, 0.5f);
#else
    job->sink[worker] = 0;
#endif
}

static double lanes_of(HeKernelSet set)
{
    return set == HE_SET_AVX512 ? 16
           : set == HE_SET_AVX2 ? 8
           : set == HE_SET_NEON ? 4
                                : 0;
}

double he_peak_measure(HePool *pool, HeKernelSet set)
{
    Job job = {.set = set == HE_SET_AUTO ? he_kernels_best() : set};
    size_t tiles = TILES * (size_t)he_pool_get_n_threads(pool);
    double flops = 2.0 * STEPS * HE_PEAK_SUMS * lanes_of(job.set) * (double)tiles;
    gint64 best = G_MAXINT64;
    for (int i = 0; flops > 0 && i < RUNS; i++) {
        gint64 begin = g_get_monotonic_time();
        he_pool_run(pool, tiles, run_tile, &job);
        best = MIN(best, MAX(g_get_monotonic_time() - begin, 1));
    }
    return flops / (double)best * G_USEC_PER_SEC;
}
