/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Forward values of cases.txt (make_cases.py), in single and in double, contiguous and strided. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/op_check.h"

#define TOLERANCE                                                                        \
    1e-5 /* the cases have 8 digits; exp and pow of the largest inputs lose two */

static void check_output(const OpCheck *c, int o, const char *line)
{
    const HeTensor *got = &c->out[o].t, *shape = &c->out_shape[o];
    double max = 1;
    g_autofree char *a = he_tensor_shape_text(got), *b = he_tensor_shape_text(shape);
    if (!he_tensor_same_shape(got, shape) || got->type != shape->type)
        g_error("%s: output %d is %s %s, expected %s %s", line, o,
                he_type_name(got->type), a, he_type_name(shape->type), b);
    for (size_t i = 0; i < he_tensor_n(got); i++)
        if (isfinite(c->out[o].expected[i]))
            max = MAX(max, fabs(c->out[o].expected[i]));
    for (size_t i = 0; i < he_tensor_n(got); i++) {
        double v = he_tensor_get_double(got, i), expected = c->out[o].expected[i];
        gboolean is_same =
            isnan(expected) ? isnan(v) : fabs(v - expected) <= TOLERANCE * max;
        if (!is_same)
            g_error("%s: output %d, element %d is %.9g, expected %.9g", line, o, (int)i,
                    v, expected);
    }
}

static void check_line(const char *line, HePrecision precision, gint64 gap)
{
    g_autoptr(GError) error = NULL;
    char *rest;
    int opset = (int)strtol(line, &rest, 10);
    g_autoptr(OpCheck) c = op_check_new(rest + 1, opset, precision, gap, 1);
    if (!op_check_infer(c, 1, &error) || !op_check_forward(c, FALSE, NULL, &error))
        g_error("%s: %s", line, error->message);
    for (int o = 0; o < c->node.n_out; o++)
        check_output(c, o, line);
}

static gboolean is_case(const char *line, const char *name)
{
    const char *space = strchr(line, ' ');
    size_t n = strlen(name);
    return space && strncmp(space + 1, name, n) == 0 && space[1 + n] == ' ';
}

static char **lines;

static void test_operator(gconstpointer data)
{
    const HeOpRow *row = data;
    const char *name = row->f64->name;
    int n = 0;
    for (char **line = lines; *line; line++) {
        if (!is_case(*line, name))
            continue;
        check_line(*line, HE_PRECISION_SINGLE, 0);
        check_line(*line, HE_PRECISION_DOUBLE, 0);
        check_line(*line, HE_PRECISION_SINGLE, 3);
        n++;
    }
    if (n == 0 && !*row->domain) /* ours alone: gradient_test.c has their formulas */
        g_error("no case for %s in cases.txt", name);
}

/* The definitions that Debian's tests of ONNX (opset 17) do not know: each has a case. */
static void test_new_definitions(void)
{
    const HeOpRow *row;
    for (size_t r = 0; (row = he_op_get(r)) != NULL; r++) {
        gboolean has_case = *row->domain || row->since_version <= 17;
        const HeOpRow *next = he_op_get(r + 1);
        gboolean is_last = !next || next->f64 != row->f64;
        for (char **line = lines; *line && !has_case; line++) {
            int opset = (int)strtol(*line, NULL, 10);
            has_case = is_case(*line, row->f64->name) && opset >= row->since_version &&
                       (is_last || opset < next->since_version);
        }
        if (!has_case)
            g_error("no case for %s of opset %d in cases.txt", row->f64->name,
                    row->since_version);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_autofree char *path = g_build_filename(
        g_getenv("HE_TOP") ? g_getenv("HE_TOP") : ".", "tests/ops/cases.txt", NULL);
    g_autofree char *text = NULL;
    g_autoptr(GError) error = NULL;
    g_file_get_contents(path, &text, NULL, &error);
    g_assert_no_error(error);
    lines = g_strsplit(text, "\n", -1);
    const char *last = "";
    const HeOpRow *row;
    for (size_t r = 0; (row = he_op_get(r)) != NULL; r++) {
        if (strcmp(row->f64->name, last) == 0)
            continue;
        last = row->f64->name;
        g_autofree char *test = g_strdup_printf("/ops/values/%s", last);
        g_test_add_data_func(test, row, test_operator);
    }
    g_test_add_func("/ops/values/new-definitions", test_new_definitions);
    int status = g_test_run();
    g_strfreev(lines);
    return status;
}
