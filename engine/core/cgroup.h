/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The limits of the control groups a process lives in, versions 2 and 1. Both functions take the file
 * that names the groups (/proc/self/cgroup) and the folder they are mounted at (/sys/fs/cgroup), so that
 * tests can show them another machine. */
#ifndef HE_CORE_CGROUP_H
#define HE_CORE_CGROUP_H

#include <glib.h>

/* Processors' worth of time, rounded up; G_MAXINT when there is no quota. */
int he_cgroup_n_cpus(const char *groups_file, const char *mount);
/* G_MAXUINT64 when there is no limit. */
guint64 he_cgroup_memory_bytes(const char *groups_file, const char *mount);

#endif
