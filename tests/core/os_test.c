/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What the machine says, within reason, and the limits of control groups of made-up machines. */
#include "core/os.h"

#include <glib/gstdio.h>
#include <unistd.h>

#include "core/cgroup.h"
#include "core/limits.h"

static void test_machine(void)
{
    g_assert_cmpint(he_os_n_cpus(), >=, 1);
    g_assert_cmpint(he_os_n_cpus(), <=, HE_MAX_THREADS);
    g_assert_cmpint(he_os_n_cpus(), <=, sysconf(_SC_NPROCESSORS_ONLN));
    g_assert_cmpuint(he_os_memory_bytes(), >, 32 << 20);
    guint64 peak = he_os_peak_rss_bytes();
    g_assert_cmpuint(peak, >, 100 << 10);
    g_assert_cmpuint(peak, <, he_os_memory_bytes());
    size_t n = 32 << 20;
    volatile char *memory = g_malloc(n);
    for (size_t i = 0; i < n; i += 1024)
        memory[i] = 1;
    g_assert_cmpuint(he_os_peak_rss_bytes(), >=, peak + n / 2); /* in bytes */
    g_free((char *)memory);
    if (he_os_cpu_has_avx512())
        g_assert_true(he_os_cpu_has_avx2_fma());
}

static void test_let_go(void)
{
    g_autofree char *path =
        g_build_filename(g_get_tmp_dir(), "human-eye-let-go-XXXXXX", NULL);
    int fd = g_mkstemp(path);
    size_t n = 5 * (size_t)sysconf(_SC_PAGESIZE) + 77;
    g_autofree char *bytes = g_malloc(n);
    for (size_t i = 0; i < n; i++)
        bytes[i] = (char)(i * 31 % 251);
    g_assert_cmpint(write(fd, bytes, n), ==, (gssize)n);
    g_autoptr(GMappedFile) file = g_mapped_file_new_from_fd(fd, FALSE, NULL);
    close(fd);
    g_unlink(path);
    g_assert_nonnull(file);
    const char *mapped = g_mapped_file_get_contents(file);
    static const size_t cuts[][2] = {{0, 0}, {3, 5}, {1, 9000}, {0, 20557}, {100, 20000}};
    for (size_t i = 0; i < G_N_ELEMENTS(cuts); i++) {
        size_t first = MIN(cuts[i][0], n);
        he_os_let_go(mapped + first, MIN(cuts[i][1], n - first));
        g_assert_cmpmem(mapped, n, bytes, n);
    }
}

typedef struct {
    char *root, *groups;
} Machine;

static void machine_init(Machine *m, const char *groups)
{
    m->root = g_dir_make_tmp("human-eye-os-XXXXXX", NULL);
    m->groups = g_build_filename(m->root, "groups", NULL);
    g_assert_true(g_file_set_contents(m->groups, groups, -1, NULL));
}

static void machine_set(const Machine *m, const char *folder, const char *file,
                        const char *text)
{
    g_autofree char *path = g_build_filename(m->root, folder, NULL);
    g_autofree char *name = g_build_filename(path, file, NULL);
    g_assert_cmpint(g_mkdir_with_parents(path, 0700), ==, 0);
    g_assert_true(g_file_set_contents(name, text, -1, NULL));
}

static void remove_tree(const char *path)
{
    GDir *dir = g_dir_open(path, 0, NULL);
    const char *name;
    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *child = g_build_filename(path, name, NULL);
        remove_tree(child);
    }
    g_clear_pointer(&dir, g_dir_close);
    g_remove(path);
}

static void machine_clear(Machine *m)
{
    remove_tree(m->root);
    g_free(m->root);
    g_free(m->groups);
}

static int cpus(const Machine *m)
{
    return he_cgroup_n_cpus(m->groups, m->root);
}

static guint64 memory(const Machine *m)
{
    return he_cgroup_memory_bytes(m->groups, m->root);
}

static void test_v2(void)
{
    Machine m;
    machine_init(&m, "0::/user.slice/job\n");
    g_assert_cmpint(cpus(&m), ==, G_MAXINT);
    g_assert_true(memory(&m) == G_MAXUINT64);
    machine_set(&m, "user.slice/job", "cpu.max", "max 100000\n");
    machine_set(&m, "user.slice/job", "memory.max", "max\n");
    g_assert_cmpint(cpus(&m), ==, G_MAXINT);
    g_assert_true(memory(&m) == G_MAXUINT64);
    machine_set(&m, "user.slice/job", "cpu.max", "250000 100000\n");
    machine_set(&m, "user.slice/job", "memory.max", "1073741824\n");
    g_assert_cmpint(cpus(&m), ==, 3); /* two and a half */
    g_assert_cmpuint(memory(&m), ==, 1 << 30);
    machine_set(&m, "user.slice", "cpu.max",
                "50000 100000\n"); /* the group above has less */
    machine_set(&m, "user.slice", "memory.max", "4096\n");
    g_assert_cmpint(cpus(&m), ==, 1);
    g_assert_cmpuint(memory(&m), ==, 4096);
    machine_clear(&m);
}

/* In a container the path is the host's; the limits stand at the mount. */
static void test_v2_container(void)
{
    Machine m;
    machine_init(&m, "0::/docker/0123\n");
    machine_set(&m, "", "cpu.max", "400000 100000\n");
    machine_set(&m, "", "memory.max", "12345\n");
    g_assert_cmpint(cpus(&m), ==, 4);
    g_assert_cmpuint(memory(&m), ==, 12345);
    machine_clear(&m);
}

static void test_v1(void)
{
    Machine m;
    machine_init(
        &m, "5:memory:/jobs/a\n4:cpuset:/\n3:cpu,cpuacct:/jobs/a\n1:name=systemd:/x\n");
    machine_set(&m, "cpu,cpuacct/jobs/a", "cpu.cfs_quota_us", "-1\n");
    machine_set(&m, "cpu,cpuacct/jobs/a", "cpu.cfs_period_us", "100000\n");
    g_assert_cmpint(cpus(&m), ==, G_MAXINT);
    machine_set(&m, "cpu,cpuacct/jobs", "cpu.cfs_quota_us", "200000\n");
    machine_set(&m, "cpu,cpuacct/jobs", "cpu.cfs_period_us", "100000\n");
    g_assert_cmpint(cpus(&m), ==, 2);
    machine_set(&m, "memory/jobs/a", "memory.limit_in_bytes", "9223372036854771712\n");
    machine_set(&m, "memory", "memory.limit_in_bytes", "777\n");
    g_assert_cmpuint(memory(&m), ==, 777);
    machine_clear(&m);
}

static void test_nonsense(void)
{
    static const char *const quotas[] = {
        "", "x y", "100000", "0 100000", "-5 -10", "100000 0", "99999999999999999999 1"};
    Machine m;
    machine_init(&m, "\nfoo\n0:\n:::\n0::/a/../../..\n7:cpu\n");
    g_assert_cmpint(cpus(&m), ==, G_MAXINT);
    for (size_t i = 0; i < G_N_ELEMENTS(quotas); i++) {
        machine_set(&m, "a", "cpu.max", quotas[i]);
        g_assert_cmpint(cpus(&m), ==, G_MAXINT);
    }
    machine_clear(&m);
    g_assert_cmpint(he_cgroup_n_cpus("/no/such/file", "/"), ==, G_MAXINT);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/core/os/machine", test_machine);
    g_test_add_func("/core/os/let-go", test_let_go);
    g_test_add_func("/core/cgroup/v2", test_v2);
    g_test_add_func("/core/cgroup/v2-container", test_v2_container);
    g_test_add_func("/core/cgroup/v1", test_v1);
    g_test_add_func("/core/cgroup/nonsense", test_nonsense);
    return g_test_run();
}
