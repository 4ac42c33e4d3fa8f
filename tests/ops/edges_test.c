/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Where operators are easy to get wrong: gates at their bounds, ties, NaN, the hand-worked element-wise cases;
 * and nodes that no good exporter writes, each refused with a message that names the node. */
#include <math.h>
#include <string.h>

#include "tests/support/op_check.h"

#define MAX_N 300

/* ---- exact gradients ---------------------------------------------------------------------------------- */

typedef struct {
    int opset;
    const char *line;
    HeRule rule;
    double g[MAX_N], expected[MAX_N]; /* of output 0, of input 0 */
} Exact;

static const Exact exact[] = {
    {13,
     "Relu : f[5]{-1,-0,0,1e-30,2} -> ?",
     HE_RULE_PLAIN,
     {1, 2, 3, 4, 5},
     {0, 0, 0, 4, 5}},
    {13,
     "Relu : f[17]{0,0,0,0,1,0,0,0,0,0,0,2,0,0,0,-1,0} -> ?",
     HE_RULE_PLAIN,
     {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1},
     {[4] = 1, [11] = 1}},
    {13, "Relu : f[4]{-1,0,1,2} -> ?", HE_RULE_GUIDED, {1, 1, 1, -1}, {0, 0, 1, 0}},
    {13, "Relu : f[4]{-1,0,1,2} -> ?", HE_RULE_DECONV, {1, 2, 3, -1}, {1, 2, 3, 0}},
    /* deconv of 10 ReLU(x), with the 10 in the gradient; gradient of the same */
    {13,
     "Relu : f[4]{5,0,-5,10} -> ?",
     HE_RULE_DECONV,
     {10, 10, 10, 10},
     {10, 10, 10, 10}},
    {13, "Relu : f[4]{5,0,-5,10} -> ?", HE_RULE_PLAIN, {10, 10, 10, 10}, {10, 0, 0, 10}},
    /* guided backpropagation of -ReLU(x)^2: what comes back is -2 ReLU(x) */
    {13,
     "Relu : f[4]{5,0,-5,10} -> ?",
     HE_RULE_PLAIN,
     {-10, 0, 0, -20},
     {-10, 0, 0, -20}},
    {13, "Relu : f[4]{5,0,-5,10} -> ?", HE_RULE_GUIDED, {-10, 0, 0, -20}, {0, 0, 0, 0}},
    /* 1 - ReLU(1 - x) at x = 1, 2, 3, 0, -1, 7: the Relu's input, and -1 from the outer 1 - y */
    {13,
     "Relu : f[6]{0,-1,-2,1,2,-6} -> ?",
     HE_RULE_PLAIN,
     {-1, -1, -1, -1, -1, -1},
     {0, 0, 0, -1, -1, 0}},
    {13,
     "Clip : f[5]{-1,0,3,6,7} f[]!{0} f[]!{6} -> ?",
     HE_RULE_PLAIN,
     {1, 1, 1, 1, 1},
     {0, 0, 1, 0, 0}},
    {13,
     "Clip : f[5]{-1,0,3,6,7} f[]!{0} f[]!{6} -> ?",
     HE_RULE_GUIDED,
     {2, 2, 2, 2, 2},
     {0, 0, 2, 0, 0}},
    {13,
     "Clip : f[5]{-1,0,3,5,7} f[]!{0} f[]!{6} -> ?",
     HE_RULE_GUIDED,
     {2, 2, -2, 1, 2},
     {0, 0, 0, 1, 0}},
    {6,
     "Clip min=0.0 max=6.0 : f[5]{-1,0,3,6,7} -> ?",
     HE_RULE_DECONV,
     {2, 2, -2, 2, 2},
     {2, 2, 0, 2, 2}},
    {16,
     "LeakyRelu alpha=0.5 : f[3]{-1,0,1} -> ?",
     HE_RULE_PLAIN,
     {1, 1, 1},
     {0.5, 0.5, 1}},
    {16,
     "LeakyRelu alpha=-0.5 : f[3]{-1,0,1} -> ?",
     HE_RULE_GUIDED,
     {1, 1, -1},
     {0, 0, 0}},
    {10,
     "ThresholdedRelu alpha=1.0 : f[3]{0.5,1,2} -> ?",
     HE_RULE_PLAIN,
     {1, 1, 1},
     {0, 0, 1}},
    {14,
     "HardSwish : f[5]{-4,-3,0,3,4} -> ?",
     HE_RULE_PLAIN,
     {1, 1, 1, 1, 1},
     {0, 0, 0.5, 1, 1}},
    {6,
     "HardSigmoid alpha=0.5 beta=0.5 : f[4]{-1,0,1,2} -> ?",
     HE_RULE_PLAIN,
     {1, 1, 1, 1},
     {0, 0.5, 0, 0}},
    {13, "Abs : f[3]{-1,0,1} -> ?", HE_RULE_PLAIN, {1, 1, 1}, {-1, 0, 1}},
    {12,
     "MaxPool kernel_shape=[2,2] : f[1,1,2,2]{1,2,5,6} -> ?",
     HE_RULE_PLAIN,
     {3},
     {0, 0, 0, 3}},
    {12,
     "MaxPool kernel_shape=[2,2] : f[1,1,2,2]{1,7,7,7} -> ?",
     HE_RULE_PLAIN,
     {3},
     {0, 3, 0, 0}},
    {12,
     "MaxPool kernel_shape=[3] strides=[1] : f[1,1,5]{2,2,2,2,2} -> ?",
     HE_RULE_PLAIN,
     {1, 2, 4},
     {1, 2, 4, 0, 0}},
    {12,
     "MaxPool kernel_shape=[2,2] strides=[1,1] : f[1,1,3,2]{0,0,9,0,0,0} -> ?",
     HE_RULE_PLAIN,
     {1, 2},
     {0, 0, 3, 0, 0, 0}},
    /* taps whose number needs two bytes, and four */
    {12,
     "MaxPool kernel_shape=[17,16] : f[1,1,17,16]< -> ?",
     HE_RULE_PLAIN,
     {3},
     {[271] = 3}},
    {12,
     "MaxPool kernel_shape=[300,300] pads=[283,284,0,0] : f[1,1,17,16]< -> ?",
     HE_RULE_PLAIN,
     {3},
     {[271] = 3}},
    {13, "GlobalMaxPool : f[1,1,2,2]{1,7,7,2} -> ?", HE_RULE_PLAIN, {3}, {0, 3, 0, 0}},
    {13, "ReduceMax axes=[0] : f[3]{4,4,1} -> ?", HE_RULE_PLAIN, {3}, {3, 0, 0}},
    {13, "Max : f[3]{1,2,3} f[3]!{1,3,2} -> ?", HE_RULE_PLAIN, {1, 1, 1}, {1, 0, 1}},
    /* straight through, but where the level is clamped */
    {1,
     "QuantizeDequantize : f[6]{-2,-1,-0.3,0,1.2,1.4} f[]!{0.01} h[]!{-5} -> ?",
     HE_RULE_PLAIN,
     {1, 2, 3, 4, 5, 6},
     {0, 2, 3, 4, 5, 0}},
    {1,
     "QuantizeDequantize axis=0 block_size=2 : f[5]{-2,-1,1,2,100} f[3]!{0.01,1,0.5} "
     "h[3]!{0,0,0} -> ?",
     HE_RULE_PLAIN,
     {1, 2, 3, 4, 5},
     {0, 2, 3, 4, 0}},
    {15, "Pow : f[3]{0,2,-3} f[]!{2} -> ?", HE_RULE_PLAIN, {1, 1, 1}, {0, 4, -6}},
    {15, "Pow : f[2]{0,5} f[]!{0} -> ?", HE_RULE_PLAIN, {1, 1}, {0, 0}},
};

static void check_exact(const Exact *e, HePrecision precision)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(OpCheck) c = op_check_new(e->line, e->opset, precision, 0, 1);
    gboolean good =
        op_check_infer(c, 1, &error) && op_check_forward(c, TRUE, NULL, &error);
    g_assert_no_error(error);
    g_assert_true(good);
    HeTensor g = op_tensor_new(&c->out[0].t, 0), d = op_tensor_new(&c->in[0].t, 0);
    const HeTensor *d_out[OP_MAX_IO] = {&g};
    HeTensor *d_in[OP_MAX_IO] = {&d};
    for (size_t i = 0; i < he_tensor_n(&g); i++)
        op_tensor_set(&g, i, e->g[i]);
    op_check_backward(c, d_out, d_in, FALSE, e->rule, NULL);
    for (size_t i = 0; i < he_tensor_n(&d); i++) {
        double got = he_tensor_get_double(&d, i);
        if (!(got >= e->expected[i] && got <= e->expected[i]))
            g_error("%s, rule %d: gradient %d is %g, expected %g", e->line, e->rule,
                    (int)i, got, e->expected[i]);
    }
    op_tensor_clear(&g);
    op_tensor_clear(&d);
}

static void test_exact(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(exact); i++) {
        check_exact(&exact[i], HE_PRECISION_SINGLE);
        check_exact(&exact[i], HE_PRECISION_DOUBLE);
    }
}

/* ---- NaN ------------------------------------------------------------------------------------------------ */

static void test_nan(void)
{
    static const char *const nan_lines[] = {
        "Relu : f[3]{1,nan,2} -> ?",
        "Clip : f[3]{1,nan,2} f[]!{0} f[]!{6} -> ?",
        "LeakyRelu : f[3]{1,nan,2} -> ?",
        "ThresholdedRelu : f[3]{1,nan,2} -> ?",
        "HardSwish : f[3]{1,nan,2} -> ?",
        "HardSigmoid : f[3]{1,nan,2} -> ?",
        "PRelu : f[3]{1,nan,2} f[1]!{0.5} -> ?",
        "MaxPool kernel_shape=[3] : f[1,1,3]{1,nan,2} -> ?",
        "MaxPool kernel_shape=[3] : f[1,1,3]{nan,1,2} -> ?",
        "GlobalMaxPool : f[1,1,3]{1,nan,2} -> ?",
        "ReduceMax axes=[0] : f[3]{nan,3,2} -> ?",
        "Max : f[1]{nan} f[1]{2} -> ?",
        "Min : f[1]{2} f[1]{nan} -> ?",
        "Softmax : f[3]{1,nan,2} -> ?",
        "AveragePool kernel_shape=[3] : f[1,1,3]{1,nan,2} -> ?",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(nan_lines); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(OpCheck) c = op_check_new(nan_lines[i], 16, HE_PRECISION_SINGLE, 0, 1);
        gboolean good = op_check_infer(c, 1, &error) &&
                        op_check_forward(c, FALSE, NULL, &error),
                 any = FALSE;
        g_assert_no_error(error);
        for (size_t k = 0; good && k < he_tensor_n(&c->out[0].t); k++)
            any |= isnan(he_tensor_get_double(&c->out[0].t, k)) != 0;
        if (!any)
            g_error("NaN is hidden by %s", nan_lines[i]);
    }
}

/* A slice that lies in the padding alone has no number: not those of the slice beside it. */
static void test_padding_slice(gconstpointer precision)
{
    static const double expected[] = {3, 4, -INFINITY, -INFINITY};
    const char *line =
        "MaxPool kernel_shape=[1,1,1] pads=[0,0,0,1,0,0] : f[1,1,1,1,2]{3,4} -> ?";
    g_autoptr(GError) error = NULL;
    g_autoptr(OpCheck) c =
        op_check_new(line, 12, (HePrecision)GPOINTER_TO_INT(precision), 0, 1);
    g_assert_true(op_check_infer(c, 1, &error) &&
                  op_check_forward(c, TRUE, NULL, &error));
    g_assert_cmpuint(he_tensor_n(&c->out[0].t), ==, G_N_ELEMENTS(expected));
    for (size_t i = 0; i < G_N_ELEMENTS(expected); i++)
        g_assert_true(he_tensor_get_double(&c->out[0].t, i) == expected[i]);
}

/* ---- which nodes the rules are for --------------------------------------------------------------------- */

static void test_ruled(void)
{
    static const struct {
        int opset;
        const char *line;
        gboolean is_ruled;
    } lines[] = {
        {13, "Relu : f[1] -> ?", TRUE},
        {13, "Clip : f[1] f[]!{0} f[]!{6} -> ?", TRUE},
        {13, "Clip : f[1] f[]!{0} -> ?", TRUE},
        {6, "Clip min=0.0 : f[1] -> ?", TRUE},
        {6, "Clip min=-1.0 max=1.0 : f[1] -> ?", FALSE},
        {13, "Clip : f[1] _ f[]!{6} -> ?", FALSE},
        {13, "Clip : f[1] f[]!{0.5} f[]!{6} -> ?", FALSE},
        {13, "Sigmoid : f[1] -> ?", FALSE},
        {13, "HardSigmoid : f[1] -> ?", FALSE},
        {13, "Tanh : f[1] -> ?", FALSE},
        {13, "Softmax : f[1] -> ?", FALSE},
        {13, "MaxPool kernel_shape=[1] : f[1,1,1] -> ?", FALSE},
        {14, "HardSwish : f[1] -> ?", TRUE},
        {1, "Swish : f[1] -> ?", TRUE},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(lines); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(OpCheck) c =
            op_check_new(lines[i].line, lines[i].opset, HE_PRECISION_SINGLE, 0, 1);
        op_check_infer(c, 1, &error);
        g_assert_no_error(error);
        const HeOp *op = c->node.op;
        gboolean is_ruled =
            (op->flags & HE_OP_RELU) && (!op->is_ruled || op->is_ruled(&c->node));
        if (is_ruled != lines[i].is_ruled)
            g_error("%s: the rules %s it", lines[i].line, is_ruled ? "reach" : "miss");
    }
}

/* ---- refusals -------------------------------------------------------------------------------------------- */

static const struct {
    int opset;
    const char *line, *message; /* a part of it */
} refused[] = {
#include "tests/ops/refused_cases.inc"
};

static void test_refused(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(refused); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(OpCheck) c =
            op_check_new(refused[i].line, refused[i].opset, HE_PRECISION_SINGLE, 0, 1);
        if (op_check_infer(c, 2, &error) && op_check_forward(c, TRUE, NULL, &error))
            g_error("accepted: %s", refused[i].line);
        g_assert_nonnull(error);
        g_assert_true(error->domain == HE_ERROR);
        if (!strstr(error->message, refused[i].message) ||
            !strstr(error->message, "node '/test/node'"))
            g_error("%s: the message is '%s', expected '%s' in it", refused[i].line,
                    error->message, refused[i].message);
    }
}

static void test_find(void)
{
    g_assert_null(he_op_find_f32("", "NoSuchOperator", 13));
    g_assert_null(he_op_find_f32("com.microsoft", "Gelu", 20));
    g_assert_null(he_op_find_f32("", "Gelu", 19));
    g_assert_null(he_op_find_f32("", "Swish", 13));
    g_assert_nonnull(he_op_find_f32("ai.onnx", "Relu", 13));
    g_assert_nonnull(he_op_find_f64("human-eye", "Swish", 1));
    const HeOpRow *row, *before = NULL;
    for (size_t i = 0; (row = he_op_get(i)) != NULL; before = row, i++)
        if (before && strcmp(before->f32->name, row->f32->name) == 0)
            g_assert_cmpint(before->since_version, <, row->since_version);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/ops/edges/exact", test_exact);
    g_test_add_func("/ops/edges/nan", test_nan);
    g_test_add_data_func("/ops/edges/padding-slice/single",
                         GINT_TO_POINTER(HE_PRECISION_SINGLE), test_padding_slice);
    g_test_add_data_func("/ops/edges/padding-slice/double",
                         GINT_TO_POINTER(HE_PRECISION_DOUBLE), test_padding_slice);
    g_test_add_func("/ops/edges/ruled", test_ruled);
    g_test_add_func("/ops/edges/refused", test_refused);
    g_test_add_func("/ops/edges/find", test_find);
    return g_test_run();
}
