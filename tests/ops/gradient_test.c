/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Every operator's way back against central differences in double, at every version of its definition; that
 * it reads only what it saves, adds when told to, gives the same bytes for any number of threads, the same
 * numbers for strided tensors, in place and in single precision; and the guided and deconv rules against
 * their definition. A row of ops.def with a backward and no case here fails. */
#include <math.h>
#include <string.h>

#include "tests/support/op_check.h"

typedef struct {
    int from, to; /* opsets for which the line is written */
    const char *line;
} Case;

static const Case cases[] = {
#include "tests/ops/gradient_cases.inc"
};

#define SEED      20240607
#define STEP      1e-6
#define TOLERANCE 2e-8  /* of differences, over the largest gradient or 1 */
#define SINGLE    2e-5  /* of single precision */
#define SAME      1e-12 /* of another order of a sum */
#define MAX_TRIED 150   /* elements of an input */
#define MAX_LARGE 8     /* ... where there are many outputs, for tiles */

static const HePrecision DOUBLE = HE_PRECISION_DOUBLE;

/* ---- a case, run --------------------------------------------------------------------------------------- */

typedef struct {
    OpCheck *c;
    HeTensor g[OP_MAX_IO], d[OP_MAX_IO];
    const HeTensor *d_out[OP_MAX_IO];
    guint want; /* inputs that may have a gradient */
} Run;

static gboolean is_differentiable(const OpCheck *c, int i)
{
    return c->node.in[i] && !c->in[i].is_const && he_type_is_float(c->in[i].t.type);
}

static void fill_gradients(Run *run)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(SEED + 1);
    for (int o = 0; o < run->c->node.n_out; o++) {
        HeTensor *g = &run->g[o];
        if (!run->c->node.out[o] || !he_type_is_float(run->c->out[o].t.type))
            continue;
        *g = op_tensor_new(&run->c->out[o].t, run->c->gap);
        for (size_t i = 0; i < he_tensor_n(g); i++)
            op_tensor_set(g, i, (float)g_rand_double_range(rand, -1, 1));
        run->d_out[o] = g;
    }
}

static void run_init(Run *run, const char *line, int opset, HePrecision precision,
                     gint64 gap, int n_workers)
{
    g_autoptr(GError) error = NULL;
    *run = (Run){.c = op_check_new(line, opset, precision, gap, SEED)};
    op_check_infer(run->c, n_workers, &error);
    g_assert_no_error(error);
    for (int i = 0; i < run->c->node.n_in; i++)
        if (is_differentiable(run->c, i)) {
            run->want |= 1u << i;
            run->d[i] = op_tensor_new(&run->c->in[i].t, gap);
        }
    fill_gradients(run);
}

static void run_clear(Run *run)
{
    for (int i = 0; i < OP_MAX_IO; i++) {
        op_tensor_clear(&run->g[i]);
        op_tensor_clear(&run->d[i]);
    }
    op_check_free(run->c);
}

static void run_forward(Run *run, HePool *pool)
{
    g_autoptr(GError) error = NULL;
    op_check_forward(run->c, TRUE, pool, &error);
    g_assert_no_error(error);
}

static void forget(HeTensor *t, gint64 gap)
{
    HeTensor other = op_tensor_new(t, gap);
    op_tensor_clear(t);
    *t = other;
}

/* What the operator did not ask to keep is gone (NaN). */
static void forget_unsaved(Run *run, guint want)
{
    OpCheck *c = run->c;
    guint saves = c->node.op->saves ? c->node.op->saves(&c->node, want) : 0;
    for (int i = 0; i < c->node.n_in; i++)
        if (c->node.in[i] && !c->in[i].is_const && !(saves & HE_SAVE_IN(i)))
            forget(&c->in[i].t, c->gap);
    for (int o = 0; o < c->node.n_out; o++)
        if (c->node.out[o] && !(saves & HE_SAVE_OUT(o)))
            forget(&c->out[o].t, c->gap);
}

static void run_backward(Run *run, guint want, gboolean accumulate, HeRule rule,
                         HePool *pool)
{
    HeTensor *d_in[OP_MAX_IO] = {0};
    for (int i = 0; i < OP_MAX_IO; i++)
        d_in[i] = want & (1u << i) ? &run->d[i] : NULL;
    op_check_backward(run->c, run->d_out, d_in, accumulate, rule, pool);
}

/* ---- comparing ----------------------------------------------------------------------------------------- */

static const char *where(const char *line, int opset, const char *what)
{
    static char text[512];
    g_snprintf(text, sizeof text, "%s: opset %d, seed %d: %s", what, opset, SEED, line);
    return text;
}

static double largest(const HeTensor *t)
{
    double max = 1;
    for (size_t i = 0; i < he_tensor_n(t); i++)
        max = MAX(max, fabs(he_tensor_get_double(t, i)));
    return max;
}

static void assert_close(const HeTensor *got, const HeTensor *expected, double tolerance,
                         const char *text)
{
    double bound = tolerance * largest(expected);
    for (size_t i = 0; i < he_tensor_n(expected); i++) {
        double a = he_tensor_get_double(got, i), b = he_tensor_get_double(expected, i);
        if (!(fabs(a - b) <= bound))
            g_error("%s: element %d is %.12g, expected %.12g", text, (int)i, a, b);
    }
}

static void assert_runs_close(const Run *got, const Run *expected, double tolerance,
                              const char *text)
{
    for (int i = 0; i < got->c->node.n_in; i++)
        if (got->want & (1u << i))
            assert_close(&got->d[i], &expected->d[i], tolerance, text);
}

/* ---- differences ----------------------------------------------------------------------------------------- */

/* Adds sign * g * y to the sums, one for each output element, so that what did not change cancels exactly. */
static void add_outputs(Run *probe, double sign, double *sums)
{
    g_autoptr(GError) error = NULL;
    op_check_forward(probe->c, FALSE, NULL, &error);
    g_assert_no_error(error);
    for (int o = 0; o < probe->c->node.n_out; o++)
        for (size_t i = 0; probe->d_out[o] && i < he_tensor_n(&probe->g[o]); i++)
            *sums++ += sign * he_tensor_get_double(&probe->g[o], i) *
                       he_tensor_get_double(&probe->c->out[o].t, i);
}

static double difference(Run *probe, HeTensor *x, size_t i, size_t n_out)
{
    g_autofree double *sums = g_new0(double, n_out + 1);
    double v = he_tensor_get_double(x, i), sum = 0;
    op_tensor_set(x, i, v + STEP);
    add_outputs(probe, 1, sums);
    op_tensor_set(x, i, v - STEP);
    add_outputs(probe, -1, sums);
    op_tensor_set(x, i, v);
    for (size_t k = 0; k < n_out; k++)
        sum += sums[k];
    return sum / (2 * STEP);
}

static void check_differences(const Run *run, const char *line, int opset)
{
    Run probe;
    size_t n_out = 0;
    run_init(&probe, line, opset, DOUBLE, 0, 1);
    for (int o = 0; o < probe.c->node.n_out; o++)
        n_out += probe.d_out[o] ? he_tensor_n(&probe.g[o]) : 0;
    for (int k = 0; k < probe.c->node.n_in; k++) {
        HeTensor *x = &probe.c->in[k].t;
        if (!(probe.want & (1u << k)))
            continue;
        double bound = TOLERANCE * largest(&run->d[k]);
        size_t n = he_tensor_n(x),
               stride = n / (n_out > 5000 ? MAX_LARGE : MAX_TRIED) + 1;
        for (size_t i = 0; i < n; i += stride) {
            double got = he_tensor_get_double(&run->d[k], i);
            double expected = difference(&probe, x, i, n_out);
            if (!(fabs(got - expected) <= bound))
                g_error("%s: input %d, element %d: gradient %.10g, difference %.10g",
                        where(line, opset, "differences"), k, (int)i, got, expected);
        }
    }
    run_clear(&probe);
}

/* ---- the other promises ---------------------------------------------------------------------------------- */

/* Each input alone, and on top of what is there. */
static void check_wants(const Run *run, const char *line, int opset)
{
    for (int k = 0; k < run->c->node.n_in; k++)
        for (int accumulate = 0; accumulate < 2 && run->want & (1u << k); accumulate++) {
            Run alone;
            run_init(&alone, line, opset, DOUBLE, 0, 1);
            run_forward(&alone, NULL);
            forget_unsaved(&alone, 1u << k);
            size_t n = he_tensor_n(&alone.d[k]);
            for (size_t i = 0; accumulate && i < n; i++)
                op_tensor_set(&alone.d[k], i, 0.25 * (double)(i % 7));
            run_backward(&alone, 1u << k, accumulate, HE_RULE_PLAIN, NULL);
            for (size_t i = 0; accumulate && i < n; i++)
                op_tensor_set(&alone.d[k], i,
                              he_tensor_get_double(&alone.d[k], i) -
                                  0.25 * (double)(i % 7));
            assert_close(&alone.d[k], &run->d[k], SAME,
                         where(line, opset, accumulate ? "accumulate" : "alone"));
            run_clear(&alone);
        }
}

static void check_variant(const Run *run, const char *line, int opset,
                          HePrecision precision, gint64 gap, double tolerance,
                          const char *what)
{
    Run other;
    run_init(&other, line, opset, precision, gap, 1);
    run_forward(&other, NULL);
    forget_unsaved(&other, other.want);
    run_backward(&other, other.want, FALSE, HE_RULE_PLAIN, NULL);
    assert_runs_close(&other, run, tolerance, where(line, opset, what));
    run_clear(&other);
}

static void check_threads(const Run *run, const char *line, int opset, HePool *pool)
{
    Run other;
    run_init(&other, line, opset, DOUBLE, 0, he_pool_get_n_threads(pool));
    run_forward(&other, pool);
    run_backward(&other, other.want, FALSE, HE_RULE_PLAIN, pool);
    for (int k = 0; k < run->c->node.n_in; k++)
        if (run->want & (1u << k))
            g_assert_cmpmem(other.d[k].data, he_tensor_bytes(&other.d[k]), run->d[k].data,
                            he_tensor_bytes(&run->d[k]));
    run_clear(&other);
}

/* The output written over input 0, as a plan does when the backward does not read that. */
static void check_in_place(const Run *run, const char *line, int opset)
{
    Run other;
    run_init(&other, line, opset, DOUBLE, 0, 1);
    OpCheck *c = other.c;
    guint saves = c->node.op->saves ? c->node.op->saves(&c->node, other.want) : 0;
    if (c->node.op->flags & HE_OP_IN_PLACE && !(saves & HE_SAVE_IN(0)) &&
        he_tensor_same_shape(&c->in[0].t, &c->out[0].t)) {
        void *out = c->out[0].t.data;
        c->out[0].t.data = c->in[0].t.data;
        run_forward(&other, NULL);
        run_backward(&other, other.want, FALSE, HE_RULE_PLAIN, NULL);
        c->out[0].t.data = out;
        assert_runs_close(&other, run, 0, where(line, opset, "in place"));
    }
    run_clear(&other);
}

/* f' is the plain gradient of ones. */
static void check_rules(const Run *run, const char *line, int opset)
{
    const HeOp *op = run->c->node.op;
    if (!(op->flags & HE_OP_RELU) || (op->is_ruled && !op->is_ruled(&run->c->node)))
        return;
    Run slope, ruled;
    run_init(&slope, line, opset, DOUBLE, 0, 1);
    run_init(&ruled, line, opset, DOUBLE, 0, 1);
    run_forward(&slope, NULL);
    run_forward(&ruled, NULL);
    forget_unsaved(&ruled, 1);
    size_t n = he_tensor_n(&slope.g[0]);
    for (size_t i = 0; i < n; i++)
        op_tensor_set(&slope.g[0], i, 1);
    run_backward(&slope, 1, FALSE, HE_RULE_PLAIN, NULL);
    for (HeRule rule = HE_RULE_GUIDED; rule <= HE_RULE_DECONV; rule++) {
        HeTensor expected = op_tensor_new(&slope.d[0], 0);
        for (size_t i = 0; i < n; i++) {
            double g = he_tensor_get_double(&ruled.g[0], i);
            double f = he_tensor_get_double(&slope.d[0], i);
            op_tensor_set(&expected, i,
                          MAX(g, 0) * (rule == HE_RULE_GUIDED ? MAX(f, 0) : 1));
        }
        run_backward(&ruled, 1, FALSE, rule, NULL);
        assert_close(&ruled.d[0], &expected, SAME, where(line, opset, "rule"));
        op_tensor_clear(&expected);
    }
    run_clear(&slope);
    run_clear(&ruled);
}

static void check_case(const char *line, int opset, HePool *pool)
{
    Run run;
    run_init(&run, line, opset, DOUBLE, 0, 1);
    run_forward(&run, NULL);
    forget_unsaved(&run, run.want);
    run_backward(&run, run.want, FALSE, HE_RULE_PLAIN, NULL);
    check_differences(&run, line, opset);
    check_wants(&run, line, opset);
    check_variant(&run, line, opset, DOUBLE, 5, SAME, "strided");
    check_variant(&run, line, opset, HE_PRECISION_SINGLE, 0, SINGLE, "single precision");
    check_threads(&run, line, opset, pool);
    check_in_place(&run, line, opset);
    check_rules(&run, line, opset);
    run_clear(&run);
}

/* ---- the table --------------------------------------------------------------------------------------------- */

static gboolean is_of(const char *line, const char *name)
{
    size_t n = strlen(name);
    return strncmp(line, name, n) == 0 && line[n] == ' ';
}

static void test_operator(gconstpointer data)
{
    const char *name = data;
    HePool *pool = he_pool_new(3);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        if (!is_of(cases[i].line, name))
            continue;
        check_case(cases[i].line, cases[i].from, pool);
        const HeOpRow *row;
        for (size_t r = 0; (row = he_op_get(r)) != NULL; r++)
            if (strcmp(row->f64->name, name) == 0 && row->since_version > cases[i].from &&
                row->since_version <= cases[i].to)
                check_case(cases[i].line, row->since_version, pool);
    }
    he_pool_free(pool);
}

/* Whether a case runs that row: it is the newest one of one of its opsets. */
static gboolean is_run(const HeOpRow *row, const HeOpRow *next)
{
    gboolean is_last = !next || strcmp(next->f64->name, row->f64->name) != 0;
    int end = is_last ? G_MAXINT : next->since_version;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        if (is_of(cases[i].line, row->f64->name) && cases[i].from < end &&
            cases[i].to >= row->since_version)
            return TRUE;
    return FALSE;
}

static void test_every_row(void)
{
    const HeOpRow *row;
    for (size_t r = 0; (row = he_op_get(r)) != NULL; r++) {
        g_assert_cmpstr(row->f32->name, ==, row->f64->name);
        g_assert_true((row->f32->backward != NULL) == (row->f64->backward != NULL));
        if (row->f64->backward && !is_run(row, he_op_get(r + 1)))
            g_error("no case for %s of opset %d", row->f64->name, row->since_version);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/ops/gradient/every-row", test_every_row);
    const char *last = "";
    const HeOpRow *row;
    for (size_t r = 0; (row = he_op_get(r)) != NULL; r++) {
        if (!row->f64->backward || strcmp(row->f64->name, last) == 0)
            continue;
        last = row->f64->name;
        g_autofree char *path = g_strdup_printf("/ops/gradient/%s", last);
        g_test_add_data_func(path, last, test_operator);
    }
    return g_test_run();
}
