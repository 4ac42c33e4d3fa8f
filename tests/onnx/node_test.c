/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* ONNX's own backend tests (Debian's libonnx-testdata), and tests/onnx/cases (make_cases.py), in single and in
 * double: each is a small model, its inputs and the outputs expected. As in a plan, the first array of real
 * numbers is unknown to infer, all others are constants. Run by hand it prints what passed, what failed, and what is out of scope by operator
 * and why; what is neither passed nor named in out_of_scope.inc fails. */
#include <math.h>
#include <string.h>

#include "tests/support/interpret.h"

#define FOLDER             "/usr/share/libonnx-testdata/data"
#define RELATIVE_TOLERANCE 1e-3 /* as ONNX's own runner has them */
#define ABSOLUTE_TOLERANCE 1e-7

typedef struct {
    const char *word; /* an operator, or a pattern of tests' names: "test_..." */
    const char *why;
} Reason;

static const Reason reasons[] = {
#include "tests/onnx/out_of_scope.inc"
};

static int n_passed, n_failed, n_out;
static gboolean has_all = TRUE; /* suites */
static GHashTable *n_out_of;    /* Reason * -> count */

/* ---- one test ------------------------------------------------------------------------------------------ */

static gboolean check_output(const HeTensor *got, const HeTensor *expected, int o,
                             GError **error)
{
    g_autofree char *a = he_tensor_shape_text(got), *b = he_tensor_shape_text(expected);
    if (got->type != expected->type || !he_tensor_same_shape(got, expected)) {
        g_set_error(error, HE_ERROR, HE_ERROR_CORRUPT_MODEL,
                    "output %d is %s %s, expected %s %s", o, he_type_name(got->type), a,
                    he_type_name(expected->type), b);
        return FALSE;
    }
    for (size_t i = 0; i < he_tensor_n(got); i++) {
        double v = he_tensor_get_double(got, i), w = he_tensor_get_double(expected, i);
        gboolean is_same =
            isnan(w)   ? isnan(v)
            : isinf(w) ? isinf(v) && (v > 0) == (w > 0)
                       : fabs(v - w) <= ABSOLUTE_TOLERANCE + RELATIVE_TOLERANCE * fabs(w);
        if (is_same)
            continue;
        g_set_error(error, HE_ERROR, HE_ERROR_CORRUPT_MODEL,
                    "output %d, element %d is %.9g, expected %.9g", o, (int)i, v, w);
        return FALSE;
    }
    return TRUE;
}

static gboolean check_outputs(Interpreter *run, const HeGraphDef *graph,
                              const char *folder, GError **error)
{
    for (int o = 0; o < graph->n_outputs; o++) {
        g_autofree char *path = g_strdup_printf("%s/output_%d.pb", folder, o);
        g_autoptr(NamedTensor) expected = named_tensor_load(path, run->precision, error);
        const NamedTensor *got = interpreter_get(run, graph->outputs[o].name);
        if (!expected)
            return FALSE;
        if (!got) {
            g_set_error(error, HE_ERROR, HE_ERROR_CORRUPT_MODEL,
                        "nothing makes output %d", o);
            return FALSE;
        }
        if (!check_output(&got->t, &expected->t, o, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean give_inputs(Interpreter *run, const HeGraphDef *graph, const char *folder,
                            GError **error)
{
    gboolean has_variable = FALSE;
    for (int i = 0; i < graph->n_inputs; i++) {
        g_autofree char *path = g_strdup_printf("%s/input_%d.pb", folder, i);
        NamedTensor *input = named_tensor_load(path, run->precision, error);
        if (!input)
            return FALSE;
        input->is_variable =
            !has_variable && input->t.rank > 0 && he_type_is_float(input->t.type);
        has_variable |= input->is_variable;
        interpreter_take(run, graph->inputs[i].name, input);
    }
    return TRUE;
}

static gboolean run_data_set(const HeOnnx *onnx, const char *folder,
                             HePrecision precision, GError **error)
{
    Interpreter run;
    interpreter_init(&run, onnx, precision);
    gboolean good = give_inputs(&run, &onnx->graph, folder, error) &&
                    interpreter_run(&run, &onnx->graph, error) &&
                    check_outputs(&run, &onnx->graph, folder, error);
    interpreter_clear(&run);
    return good;
}

static gboolean run_test(const HeOnnx *onnx, const char *folder, GError **error)
{
    for (int set = 0;; set++) {
        g_autofree char *data = g_strdup_printf("%s/test_data_set_%d", folder, set);
        if (!g_file_test(data, G_FILE_TEST_IS_DIR))
            return TRUE;
        if (!run_data_set(onnx, data, HE_PRECISION_SINGLE, error) ||
            !run_data_set(onnx, data, HE_PRECISION_DOUBLE, error))
            return FALSE;
    }
}

/* ---- what is out of scope ------------------------------------------------------------------------------- */

static gboolean is_meant(const Reason *reason, const HeOnnx *onnx, const char *name)
{
    if (g_str_has_prefix(reason->word, "test_"))
        return g_pattern_match_simple(reason->word, name);
    for (int i = 0; onnx && i < onnx->graph.n_nodes; i++)
        if (strcmp(reason->word, onnx->graph.nodes[i].op_type) == 0)
            return TRUE;
    return FALSE;
}

static const Reason *find_reason(const HeOnnx *onnx, const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(reasons); i++)
        if (is_meant(&reasons[i], onnx, name))
            return &reasons[i];
    return NULL;
}

static void count_out(const Reason *reason)
{
    int n = GPOINTER_TO_INT(g_hash_table_lookup(n_out_of, reason));
    g_hash_table_insert(n_out_of, (gpointer)reason, GINT_TO_POINTER(n + 1));
    n_out++;
}

/* A test whose operators pass although they are named as out of scope is a stale line in the list. */
static void check_folder(const char *suite_path, const char *suite, const char *name)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *folder = g_build_filename(suite_path, name, NULL);
    g_autofree char *path = g_build_filename(folder, "model.onnx", NULL);
    g_autoptr(HeOnnx) onnx = he_onnx_open(path, &error);
    gboolean has_passed = onnx && run_test(onnx, folder, &error);
    const Reason *reason = find_reason(onnx, name);
    if (has_passed && !reason) {
        n_passed++;
    } else if (reason && !has_passed) {
        count_out(reason);
    } else {
        g_test_message("FAILED %s/%s: %s", suite, name,
                       has_passed ? "passes, but is listed as out of scope"
                                  : error->message);
        n_failed++;
    }
}

static void test_suite(gconstpointer data)
{
    const char *suite = data;
    gboolean is_own = strcmp(suite, "cases") == 0;
    g_autofree char *path =
        is_own ? g_build_filename(g_getenv("HE_TOP") ? g_getenv("HE_TOP") : ".",
                                  "tests/onnx/cases", NULL)
               : g_build_filename(FOLDER, suite, NULL);
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    const char *name;
    int failed_before = n_failed;
    g_assert_true(dir || !is_own);
    if (!dir) {
        has_all = FALSE;
        g_test_skip("the package libonnx-testdata is not installed");
        return;
    }
    while ((name = g_dir_read_name(dir)) != NULL)
        check_folder(path, suite, name);
    g_assert_cmpint(n_failed, ==, failed_before);
}

static void test_summary(void)
{
    g_test_message("%d passed, %d failed, %d out of scope", n_passed, n_failed, n_out);
    for (size_t i = 0; i < G_N_ELEMENTS(reasons); i++) {
        int n = GPOINTER_TO_INT(g_hash_table_lookup(n_out_of, &reasons[i]));
        if (n)
            g_test_message("out of scope: %s (%d): %s", reasons[i].word, n,
                           reasons[i].why);
        if (n == 0 && has_all) {
            g_test_message("FAILED out_of_scope.inc names %s, but no test needs it",
                           reasons[i].word);
            g_test_fail();
        }
    }
}

int main(int argc, char **argv)
{
    static const char *const suites[] = {"cases", "node", "pytorch-converted",
                                         "pytorch-operator", "simple"};
    g_test_init(&argc, &argv, NULL);
    g_test_set_nonfatal_assertions();
    n_out_of = g_hash_table_new(NULL, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(suites); i++) {
        g_autofree char *path = g_strdup_printf("/onnx/%s", suites[i]);
        g_test_add_data_func(path, suites[i], test_suite);
    }
    g_test_add_func("/onnx/summary", test_summary);
    int status = g_test_run();
    g_hash_table_unref(n_out_of);
    return status;
}
