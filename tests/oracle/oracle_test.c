/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The reference cases (cases.json, README.md) through `human-eye evaluate`: every case in double by 1e-6,
 * and in single by its own bound with the best kernels and with the plain ones. One test per model and
 * precision; a case that fails is named with the error it reached. By an emulator most of what vectors have no part in
 * is left out. */
#include "cli/npy.h"
#include "core/alloc.h"
#include "core/tensor.h"

#include <glib/gstdio.h>

#include <json-glib/json-glib.h>
#include <math.h>

#include "support/pace.h"

#define DOUBLE_BOUND 1e-6
#define ZERO_BOUND   1e-6 /* where all that is expected is zero */
#define N_WORKERS    2
#define LARGE        "efficientnet-lite0.onnx"

typedef struct {
    const char *name;
    const char *precision, *kernels;
    size_t step;  /* emulated: every step-th case, */
    size_t large; /* and of the large network; 0: none */
} Run;

static const Run runs[] = {
    {"double", "double", "plain", 5, 0},
    {"single", "single", "auto", 2, 8},
    {"single-plain", "single", "plain", 5, 0},
};

typedef struct {
    JsonObject *object;
    const Run *run;
    double error, bound;
    char *failure; /* NULL: it passed */
} Case;

typedef struct {
    char *folder, *program, *scratch;
    JsonParser *parser;
} Oracle;

typedef struct {
    const char *model;
    const Run *run;
} Group;

static Oracle oracle;

/* ---- one case -------------------------------------------------------------------------------------- */

static void add_option(GPtrArray *argv, const char *name, char *value)
{
    g_ptr_array_add(argv, g_strconcat("--", name, NULL));
    g_ptr_array_add(argv, value);
}

static void add_number(GPtrArray *argv, JsonObject *object, const char *name)
{
    if (json_object_has_member(object, name))
        add_option(argv, name,
                   g_strdup_printf("%" G_GINT64_FORMAT,
                                   json_object_get_int_member(object, name)));
}

static void add_text(GPtrArray *argv, JsonObject *object, const char *name)
{
    if (json_object_has_member(object, name))
        add_option(argv, name, g_strdup(json_object_get_string_member(object, name)));
}

static char **command(const Case *c, const char *out)
{
    JsonObject *o = c->object;
    GPtrArray *argv = g_ptr_array_new();
    g_ptr_array_add(argv, g_strdup(oracle.program));
    g_ptr_array_add(argv, g_strdup("evaluate"));
    g_ptr_array_add(
        argv,
        g_build_filename(oracle.folder, json_object_get_string_member(o, "model"), NULL));
    g_ptr_array_add(
        argv,
        g_build_filename(oracle.folder, json_object_get_string_member(o, "input"), NULL));
    g_ptr_array_add(argv, g_strdup(out));
    add_text(argv, o, "what");
    add_text(argv, o, "layer");
    /* A neuron is explained instead of a class. */
    if (json_object_has_member(o, "channel"))
        add_number(argv, o, "channel");
    else
        add_number(argv, o, "target");
    if (json_object_has_member(o, "at")) {
        JsonArray *at = json_object_get_array_member(o, "at");
        add_option(argv, "at",
                   g_strdup_printf("%d,%d", (int)json_array_get_int_element(at, 0),
                                   (int)json_array_get_int_element(at, 1)));
    }
    add_option(argv, "precision", g_strdup(c->run->precision));
    add_option(argv, "kernels", g_strdup(c->run->kernels));
    add_option(argv, "threads", g_strdup("1"));
    g_ptr_array_add(argv, NULL);
    return (char **)g_ptr_array_free(argv, FALSE);
}

static gboolean read_npy(const char *path, HeTensor *out, GError **error)
{
    g_autoptr(CliInput) input = cli_input_open(path, error);
    return input && cli_npy_read(input, out, error);
}

/* Fills error and bound, both relative where something is expected. */
static void measure(Case *c, const float *got, const float *expected, size_t n)
{
    JsonObject *bound = json_object_get_object_member(c->object, "bound");
    gboolean is_double = g_str_equal(c->run->precision, "double");
    gboolean is_max =
        is_double || g_str_equal(json_object_get_string_member(bound, "norm"), "max");
    double largest = 0, square = 0, error = 0, error_square = 0;
    for (size_t i = 0; i < n; i++) {
        double d = (double)got[i] - expected[i];
        largest = fmax(largest, fabs(expected[i]));
        square += (double)expected[i] * expected[i];
        /* Unlike fmax, this keeps a NaN. */
        error = fabs(d) <= error ? error : fabs(d);
        error_square += d * d;
    }
    c->bound = is_double ? DOUBLE_BOUND : json_object_get_double_member(bound, "single");
    if (largest == 0) {
        c->bound = ZERO_BOUND;
        c->error = error;
    } else {
        c->error = is_max ? error / largest : sqrt(error_square / square);
    }
}

static char *check(Case *c, const char *out)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = g_build_filename(
        oracle.folder, json_object_get_string_member(c->object, "expect"), NULL);
    HeTensor got = {0}, expected = {0};
    char *failure = NULL;
    if (!read_npy(path, &expected, &error) || !read_npy(out, &got, &error))
        failure = g_strdup(error->message);
    else if (got.type != HE_F32 || !he_tensor_same_shape(&got, &expected))
        failure = g_strdup("type or shape differ");
    else {
        measure(c, got.data, expected.data, he_tensor_n(&expected));
        if (!(c->error <= c->bound))
            failure = g_strdup_printf("error %.3g, bound %.3g", c->error, c->bound);
    }
    he_free(got.data);
    he_free(expected.data);
    return failure;
}

static void run_case(void *data, void *unused)
{
    Case *c = data;
    (void)unused;
    g_autofree char *file = g_strdup_printf("%p.npy", data);
    g_autofree char *out = g_build_filename(oracle.scratch, file, NULL);
    g_auto(GStrv) argv = command(c, out);
    g_autofree char *words = NULL;
    g_autoptr(GError) error = NULL;
    int status;
    if (!g_spawn_sync(NULL, argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, &words,
                      &status, &error) ||
        !g_spawn_check_wait_status(status, &error))
        c->failure =
            g_strdup_printf("%s: %s", error->message, words ? g_strchomp(words) : "");
    else
        c->failure = check(c, out);
    g_remove(out);
}

/* ---- one test: a model in a precision --------------------------------------------------------------- */

static char *describe(JsonObject *object)
{
    GString *text = g_string_new(json_object_get_string_member(object, "what"));
    if (json_object_has_member(object, "target"))
        g_string_append_printf(text, " target %d",
                               (int)json_object_get_int_member(object, "target"));
    g_string_append_printf(text, " (%s)",
                           json_object_get_string_member(object, "expect"));
    return g_string_free(text, FALSE);
}

static void report(Case *cases, int n)
{
    int n_failed = 0;
    double worst = 0;
    for (int i = 0; i < n; i++) {
        if (cases[i].failure) {
            g_autofree char *name = describe(cases[i].object);
            g_test_message("%s: %s", name, cases[i].failure);
            n_failed++;
        } else {
            worst = fmax(worst, cases[i].error / cases[i].bound);
        }
        g_free(cases[i].failure);
    }
    g_test_message("%d of %d cases pass, the worst at %.2g of its bound", n - n_failed, n,
                   worst);
    if (n_failed > 0 || n == 0)
        g_test_fail();
}

static void test_group(const void *data)
{
    const Group *group = data;
    JsonArray *all = json_node_get_array(json_parser_get_root(oracle.parser));
    guint n_all = json_array_get_length(all);
    g_autofree Case *cases = g_new0(Case, n_all);
    gboolean is_large = g_str_has_suffix(group->model, LARGE);
    size_t n_seen = 0, step = is_large ? group->run->large : group->run->step;
    int n = 0;
    step = pace(1, step, 1);
    if (step == 0) {
        g_test_skip("by an emulator it takes minutes");
        return;
    }
    GThreadPool *pool = g_thread_pool_new(run_case, NULL, N_WORKERS, TRUE, NULL);
    for (guint i = 0; i < n_all; i++) {
        JsonObject *object = json_array_get_object_element(all, i);
        if (!g_str_equal(json_object_get_string_member(object, "model"), group->model) ||
            n_seen++ % step != 0)
            continue;
        cases[n] = (Case){.object = object, .run = group->run};
        g_thread_pool_push(pool, &cases[n++], NULL);
    }
    g_thread_pool_free(pool, FALSE, TRUE);
    report(cases, n);
}

static void add_groups(const char *model)
{
    g_autofree char *base = g_path_get_basename(model);
    base[strlen(base) - strlen(".onnx")] = 0;
    for (guint r = 0; r < G_N_ELEMENTS(runs); r++) {
        g_autofree char *path = g_strdup_printf("/oracle/%s/%s", base, runs[r].name);
        Group *group = g_new(Group, 1);
        *group = (Group){model, &runs[r]};
        g_test_add_data_func_full(path, group, test_group, g_free);
    }
}

static void add_models(void)
{
    JsonArray *all = json_node_get_array(json_parser_get_root(oracle.parser));
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < json_array_get_length(all); i++) {
        const char *model =
            json_object_get_string_member(json_array_get_object_element(all, i), "model");
        if (g_hash_table_add(seen, (char *)model))
            add_groups(model);
    }
}

int main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    g_test_init(&argc, &argv, NULL);
    oracle.folder = g_build_filename(g_getenv("HE_TOP"), "tests", "oracle", NULL);
    oracle.program = g_build_filename(g_getenv("HE_BUILD"), "human-eye", NULL);
    oracle.scratch = g_dir_make_tmp("human-eye-oracle-XXXXXX", &error);
    g_assert_no_error(error);
    oracle.parser = json_parser_new();
    g_autofree char *path = g_build_filename(oracle.folder, "cases.json", NULL);
    json_parser_load_from_file(oracle.parser, path, &error);
    g_assert_no_error(error);
    add_models();
    int status = g_test_run();
    g_rmdir(oracle.scratch);
    g_object_unref(oracle.parser);
    g_free(oracle.scratch);
    g_free(oracle.program);
    g_free(oracle.folder);
    return status;
}
