/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* All that is the operating system's or the processor's own. */
#ifndef HE_CORE_OS_H
#define HE_CORE_OS_H

#include <fcntl.h>
#include <glib.h>

/* For open: no other program gets the file by inheritance, and a symbolic link is refused. */
#define HE_OS_OPEN_OWN (O_CLOEXEC | O_NOFOLLOW)

/* Processors this process may use: the least of the machine, the affinity mask and the cgroup quota. */
int he_os_n_cpus(void);
/* The machine's, or the cgroup's limit when lower; as it was when it was first asked for. */
guint64 he_os_memory_bytes(void);
guint64 he_os_peak_rss_bytes(void);
/* A wish: large memory that is read from end to end takes fewer walks through the page tables. */
void he_os_prefer_large_pages(void *memory, gsize bytes);
/* Of a file that is mapped and only read: what lies wholly in it need not stay in memory. It can be read again. */
void he_os_let_go(const void *mapped, gsize bytes);
/* A wish: memory that was freed goes back to the system, also what the C library would keep for later. */
void he_os_give_back_memory(void);
gboolean he_os_cpu_has_avx2_fma(void);
gboolean he_os_cpu_has_avx512(void);
gboolean he_os_cpu_has_neon(void); /* and is a 64-bit one */
/* Flush denormals to zero from here on; returns what he_os_fpu_restore wants. */
guint he_os_fpu_flush_denormals(void);
void he_os_fpu_restore(guint state);

/* For as long as it is open; FALSE: another process has it. */
gboolean he_os_lock_file(int fd);

#endif
