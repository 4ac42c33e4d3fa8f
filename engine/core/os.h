/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* All that is the operating system's or the processor's own. */
#ifndef HE_CORE_OS_H
#define HE_CORE_OS_H

#include <glib.h>

/* Processors this process may use: the least of the machine, the affinity mask and the cgroup quota. */
int he_os_n_cpus(void);
guint64 he_os_memory_bytes(void); /* the machine's, or the cgroup's limit when lower */
guint64 he_os_peak_rss_bytes(void);
gboolean he_os_cpu_has_avx2_fma(void);
gboolean he_os_cpu_has_avx512(void);
/* Flush denormals to zero from here on; returns what he_os_fpu_restore wants. */
guint he_os_fpu_flush_denormals(void);
void he_os_fpu_restore(guint state);

#endif
