/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* All that is the operating system's or the processor's own; Linux first, other POSIX systems with less. */
#define _GNU_SOURCE /* sched_getaffinity and sets larger than 1024 processors */
#include "core/os.h"

#include <sched.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#if defined(__x86_64__) || defined(__i386__)
#include <immintrin.h>
#endif

#include "core/cgroup.h"
#include "core/limits.h"

#define GROUPS_FILE  "/proc/self/cgroup"
#define GROUPS_MOUNT "/sys/fs/cgroup"

/* The affinity mask, in a set as large as the kernel wants: a fixed cpu_set_t ends at 1024. */
static int n_affine_cpus(void)
{
#ifdef __linux__
    for (int n_bits = 1024; n_bits <= 1 << 20; n_bits *= 2) {
        cpu_set_t *set = CPU_ALLOC((size_t)n_bits);
        size_t size = CPU_ALLOC_SIZE((size_t)n_bits);
        int n = set != NULL && sched_getaffinity(0, size, set) == 0
                    ? CPU_COUNT_S(size, set)
                    : 0;
        CPU_FREE(set);
        if (n > 0)
            return n;
    }
#endif
    return G_MAXINT;
}

int he_os_n_cpus(void)
{
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    int n = (int)CLAMP(online, 1, HE_MAX_THREADS);
    n = MIN(n, n_affine_cpus());
    n = MIN(n, he_cgroup_n_cpus(GROUPS_FILE, GROUPS_MOUNT));
    return MAX(n, 1);
}

static guint64 read_memory_bytes(void)
{
    long pages = sysconf(_SC_PHYS_PAGES), page_bytes = sysconf(_SC_PAGESIZE);
    guint64 machine =
        pages > 0 && page_bytes > 0 ? (guint64)pages * (guint64)page_bytes : G_MAXUINT64;
    return MIN(machine, he_cgroup_memory_bytes(GROUPS_FILE, GROUPS_MOUNT));
}

/* Read once: a plan asks for every block, and the answer is in half a dozen files. */
guint64 he_os_memory_bytes(void)
{
    static gsize is_read;
    static guint64 bytes;
    if (g_once_init_enter(&is_read)) {
        bytes = read_memory_bytes();
        g_once_init_leave(&is_read, 1);
    }
    return bytes;
}

/* Of the whole pages inside. */
static void advise(void *memory, gsize bytes, int advice)
{
    gsize page = (gsize)sysconf(_SC_PAGESIZE), at = (gsize)memory;
    gsize first = (at + page - 1) / page * page, past = (at + bytes) / page * page;
    if (past > first)
        madvise((char *)memory + (first - at), past - first, advice);
}

void he_os_prefer_large_pages(void *memory, gsize bytes)
{
#ifdef MADV_HUGEPAGE
    advise(memory, bytes, MADV_HUGEPAGE);
#else
    (void)memory;
    (void)bytes;
#endif
}

void he_os_let_go(const void *mapped, gsize bytes)
{
    advise((void *)(guintptr)mapped, bytes, MADV_DONTNEED);
}

guint64 he_os_peak_rss_bytes(void)
{
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage) != 0)
        return 0;
#ifdef __APPLE__
    return (guint64)usage.ru_maxrss;
#else
    return (guint64)usage.ru_maxrss * 1024;
#endif
}

#if defined(__x86_64__) || defined(__i386__)

#define MXCSR_FLUSH ((1u << 15) | (1u << 6)) /* FTZ: results, DAZ: operands */

gboolean he_os_cpu_has_avx2_fma(void)
{
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

gboolean he_os_cpu_has_avx512(void)
{
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq");
}

guint he_os_fpu_flush_denormals(void)
{
    guint state = _mm_getcsr();
    _mm_setcsr(state | MXCSR_FLUSH);
    return state;
}

/* Only the two bits go back: flags that the work raised stay raised, as they would without us. */
void he_os_fpu_restore(guint state)
{
    _mm_setcsr((_mm_getcsr() & ~MXCSR_FLUSH) | (state & MXCSR_FLUSH));
}

#else

gboolean he_os_cpu_has_avx2_fma(void)
{
    return FALSE;
}

gboolean he_os_cpu_has_avx512(void)
{
    return FALSE;
}

#ifdef __aarch64__

#define FPCR_FLUSH (1u << 24)

guint he_os_fpu_flush_denormals(void)
{
    guint64 state;
    __asm__ volatile("mrs %0, fpcr" : "=r"(state));
    __asm__ volatile("msr fpcr, %0" : : "r"(state | FPCR_FLUSH));
    return (guint)state;
}

void he_os_fpu_restore(guint state)
{
    __asm__ volatile("msr fpcr, %0" : : "r"((guint64)state));
}

#else

guint he_os_fpu_flush_denormals(void)
{
    return 0;
}

void he_os_fpu_restore(guint state)
{
    (void)state;
}

#endif
#endif

gboolean he_os_cpu_has_neon(void)
{
#ifdef __aarch64__
    return TRUE;
#else
    return FALSE;
#endif
}

void he_os_give_back_memory(void)
{
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}

gboolean he_os_lock_file(int fd)
{
    return flock(fd, LOCK_EX | LOCK_NB) == 0;
}
