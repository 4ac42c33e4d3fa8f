/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The kernel table: names as docs/names.md says, each once, plain last and fitting everything, sets. */
#include <string.h>

#include "core/os.h"
#include "kernels/kernels.h"

static void check_name(GHashTable *seen, const char *name, const char *kind,
                       const char *type)
{
    g_auto(GStrv) part = g_strsplit(name, "_", 3);
    g_assert_cmpuint(g_strv_length(part), ==, 3);
    g_assert_cmpstr(part[0], ==, kind);
    g_assert_cmpstr(part[1], ==, type);
    g_assert_cmpuint(part[2][0], !=, '\0');
    g_assert_true(g_hash_table_add(seen, (gpointer)name));
}

#define CHECK_ROWS(Kernel, kind, type)                                                   \
    do {                                                                                 \
        const Kernel *row, *last = NULL;                                                 \
        for (size_t i = 0; (row = he_##kind##_get_##type(i)) != NULL; i++) {             \
            check_name(seen, row->name, #kind, #type);                                   \
            g_assert_cmpint(row->set == HE_SET_PLAIN, ==,                                \
                            g_str_has_suffix(row->name, "_plain"));                      \
            last = row;                                                                  \
        }                                                                                \
        g_assert_cmpstr(last->name, ==, #kind "_" #type "_plain");                       \
        g_assert_null(he_##kind##_get_##type(1000));                                     \
    } while (0)

static void test_rows(void)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    CHECK_ROWS(HeConv2dKernel_f32, conv2d, f32);
    CHECK_ROWS(HeConv2dKernel_f64, conv2d, f64);
    CHECK_ROWS(HeGemmKernel_f32, gemm, f32);
    CHECK_ROWS(HeGemmKernel_f64, gemm, f64);
}

/* Each set of this processor by its name; the others are refused; auto is the best. */
static void test_sets(void)
{
    for (HeKernelSet set = HE_SET_PLAIN; set < HE_SET_AUTO; set++) {
        g_autoptr(GError) error = NULL;
        HeKernelSet parsed = HE_SET_AUTO;
        gboolean is_there = he_kernels_has(set);
        g_assert_cmpint(he_kernels_parse(he_kernels_set_name(set), &parsed, &error), ==,
                        is_there);
        if (is_there) {
            g_assert_no_error(error);
            g_assert_cmpint(parsed, ==, set);
        } else {
            g_test_message("not on this processor: %s", error->message);
            g_assert_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT);
            g_assert_nonnull(strstr(error->message, he_kernels_set_name(set)));
            g_assert_cmpint(parsed, ==, HE_SET_AUTO);
        }
    }
    g_assert_true(he_kernels_has(HE_SET_PLAIN) && he_kernels_has(HE_SET_OPENBLAS));
    g_assert_true(he_kernels_has(he_kernels_best()));
    g_assert_cmpint(he_kernels_has(HE_SET_AVX512), ==, he_os_cpu_has_avx512());
    g_assert_cmpint(he_kernels_has(HE_SET_NEON), ==, he_os_cpu_has_neon());
    HeKernelSet best = HE_SET_AUTO;
    g_assert_true(he_kernels_parse("auto", &best, NULL));
    g_assert_cmpint(best, ==, he_kernels_best());
}

static void test_unknown_set(void)
{
    g_autoptr(GError) error = NULL;
    HeKernelSet set = HE_SET_OPENBLAS;
    g_assert_false(he_kernels_parse("fast", &set, &error));
    g_assert_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT);
    g_assert_cmpstr(
        error->message, ==,
        "no kernel set is named 'fast': expected one of plain, openblas, avx2, avx512, neon, auto");
    g_assert_cmpint(set, ==, HE_SET_OPENBLAS);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/kernels/table/rows", test_rows);
    g_test_add_func("/kernels/table/sets", test_sets);
    g_test_add_func("/kernels/table/unknown-set", test_unknown_set);
    return g_test_run();
}
