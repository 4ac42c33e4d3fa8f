/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Reading the line, and running it; see op_check.h. */
#include "tests/support/op_check.h"

#include <string.h>

#include "ops/support.h"
#include "tests/support/guarded.h"

/* ---- tensors ----------------------------------------------------------------------------------------- */

static void set_gap(HeTensor *t, gint64 gap)
{
    he_tensor_set_contiguous(t);
    if (t->rank >= 2)
        t->stride[0] += gap;
}

static size_t room(const HeTensor *t)
{
    size_t n = he_tensor_n(t);
    return t->rank >= 2 && n > 0
               ? (size_t)((t->dim[0] - 1) * t->stride[0]) + n / (size_t)t->dim[0]
               : n;
}

HeTensor op_tensor_new(const HeTensor *t, gint64 gap)
{
    HeTensor out = *t;
    set_gap(&out, gap);
    out.data = guarded_new(room(&out), he_type_size(t->type), 0);
    return out;
}

void op_tensor_clear(HeTensor *t)
{
    if (t->data)
        g_assert_true(guarded_free(t->data));
    t->data = NULL;
}

void op_tensor_set(HeTensor *t, size_t i, double value)
{
    char *p =
        (char *)t->data + he_tensor_offset(t, t->rank, i) * (gint64)he_type_size(t->type);
    if (t->type == HE_F32)
        *(float *)p = (float)value;
    else if (t->type == HE_F64)
        *(double *)p = value;
    else
        he_whole_set(t->type, p, value >= 0x1p63 ? G_MAXINT64 : (gint64)value);
}

/* ---- the line ---------------------------------------------------------------------------------------- */

typedef struct {
    const char *line, *p;
    HePrecision precision;
} Reader;

static void fail(const Reader *r, const char *what)
{
    g_error("%s at '%.40s' in: %.200s", what, r->p, r->line);
}

static gboolean skip(Reader *r, char c)
{
    while (*r->p == ' ')
        r->p++;
    if (*r->p != c)
        return FALSE;
    r->p++;
    return TRUE;
}

static void need(Reader *r, char c)
{
    if (!skip(r, c))
        fail(r, "unexpected text");
}

static double number(Reader *r)
{
    char *end;
    double v = g_ascii_strtod(r->p, &end);
    if (end == r->p)
        fail(r, "no number");
    r->p = end;
    return v;
}

/* "v,v,...CLOSE" */
static double *numbers(Reader *r, char close, size_t *n)
{
    GArray *list = g_array_new(FALSE, FALSE, sizeof(double));
    while (!skip(r, close)) {
        double v = number(r);
        g_array_append_val(list, v);
        skip(r, ',');
    }
    *n = list->len;
    return (double *)g_array_free(list, FALSE);
}

static HeType type_of(Reader *r)
{
    static const struct {
        char letter;
        HeType type;
    } types[] = {
        {'l', HE_I64}, {'i', HE_I32}, {'u', HE_U8}, {'h', HE_I8}, {'b', HE_BOOL}};
    char letter = *r->p++;
    if (letter == 'f')
        return r->precision == HE_PRECISION_DOUBLE ? HE_F64 : HE_F32;
    for (guint i = 0; i < G_N_ELEMENTS(types); i++)
        if (types[i].letter == letter)
            return types[i].type;
    r->p--;
    fail(r, "no type");
    return HE_TYPE_NONE;
}

static HeTensor shape_of(Reader *r)
{
    HeType type = type_of(r);
    gint64 dim[HE_MAX_RANK];
    size_t n;
    HeTensor t;
    need(r, '[');
    g_autofree double *list = numbers(r, ']', &n);
    for (size_t i = 0; i < n && i < HE_MAX_RANK; i++)
        dim[i] = (gint64)list[i];
    he_tensor_init(&t, type, (int)n, dim);
    return t;
}

/* ---- attributes -------------------------------------------------------------------------------------- */

static void attr_tensor(Reader *r, HeAttr *attr)
{
    need(r, 't');
    need(r, '(');
    HeTensorDef *def = attr->t = g_new0(HeTensorDef, 1);
    HeTensor one;
    gint64 dim = 1;
    def->type = *r->p == 'f' ? (r->p++, HE_F32) : type_of(r); /* as files have it */
    he_tensor_init(&one, def->type, 1, &dim);
    need(r, ',');
    def->raw = def->owned = g_malloc0(8);
    def->raw_bytes = he_type_size(def->type);
    one.data = def->owned;
    op_tensor_set(&one, 0, number(r));
    need(r, ')');
    attr->kind = HE_ATTR_TENSOR;
}

static gboolean is_float_text(const char *from, const char *to)
{
    for (; from < to; from++)
        if (*from == '.' || *from == 'e' || *from == 'n')
            return TRUE;
    return FALSE;
}

static void attr_list(Reader *r, HeAttr *attr)
{
    const char *from = r->p;
    need(r, '[');
    double *list = numbers(r, ']', &attr->n);
    if (is_float_text(from, r->p)) {
        attr->kind = HE_ATTR_FLOATS;
        attr->floats = list;
        return;
    }
    attr->kind = HE_ATTR_INTS;
    attr->ints = g_new(gint64, attr->n + 1);
    for (size_t i = 0; i < attr->n; i++)
        attr->ints[i] = (gint64)list[i];
    g_free(list);
}

static void attr_read(Reader *r, HeAttr *attr)
{
    const char *equals = strchr(r->p, '=');
    if (!equals)
        fail(r, "no attribute");
    attr->name = g_strndup(r->p, (gsize)(equals - r->p));
    r->p = equals + 1;
    const char *from = r->p, *end = from + strcspn(from, " ");
    if (*from == '[') {
        attr_list(r, attr);
    } else if (strncmp(from, "t(", 2) == 0) {
        attr_tensor(r, attr);
    } else if (g_ascii_isdigit(*from) || *from == '-') {
        attr->kind = is_float_text(from, end) ? HE_ATTR_FLOAT : HE_ATTR_INT;
        attr->f = number(r);
        attr->i = (gint64)g_ascii_strtoll(from, NULL, 10);
    } else {
        attr->kind = HE_ATTR_STRING;
        attr->s = g_strndup(from, (gsize)(end - from));
        r->p = end;
    }
}

/* ---- inputs and outputs ------------------------------------------------------------------------------ */

/* Numbers that no other number of the inputs comes near, nor zero, so that kinks and ties are far. All are
 * floats. */
static void fill(HeTensor *t, int input, const char *flags, GRand *rand)
{
    size_t n = he_tensor_n(t);
    g_autofree size_t *order = g_new(size_t, n + 1);
    gboolean is_positive = strchr(flags, '+') != NULL,
             is_sorted = strchr(flags, '<') != NULL;
    for (size_t i = 0; i < n; i++) {
        size_t j = is_sorted ? i : (size_t)g_rand_int_range(rand, 0, (gint32)i + 1);
        order[i] = order[j];
        order[j] = i;
    }
    for (size_t i = 0; i < n; i++) {
        double u = ((double)order[i] + 0.13 + 0.11 * (input % 7)) / (double)n;
        op_tensor_set(t, i, (float)(is_positive ? 0.3 + 2 * u : 4 * u - 2));
    }
}

static void input_read(Reader *r, OpCheck *c, int i, GRand *rand)
{
    OpTensor *in = &c->in[i];
    HeTensor shape = shape_of(r);
    g_autofree char *flags = g_strndup(r->p, strspn(r->p, "!+<"));
    r->p += strlen(flags);
    in->is_const = strchr(flags, '!') != NULL;
    in->t = op_tensor_new(&shape, in->is_const ? 0 : c->gap);
    if (*r->p != '{') {
        fill(&in->t, i, flags, rand);
        return;
    }
    size_t n;
    need(r, '{');
    g_autofree double *list = numbers(r, '}', &n);
    if (n != he_tensor_n(&in->t))
        fail(r, "another number of values");
    for (size_t k = 0; k < n; k++)
        op_tensor_set(&in->t, k, list[k]);
}

static void output_read(Reader *r, OpCheck *c, int o)
{
    size_t n;
    c->node.out[o] = skip(r, '_') ? NULL : &c->out[o].t;
    if (!c->node.out[o] || skip(r, '?'))
        return;
    c->out_shape[o] = shape_of(r);
    need(r, '{');
    c->out[o].expected = numbers(r, '}', &n);
    if (n != he_tensor_n(&c->out_shape[o]))
        fail(r, "another number of values");
}

static void read_all(Reader *r, OpCheck *c, GRand *rand)
{
    const char *end = r->p + strcspn(r->p, " ");
    c->def.op_type = g_strndup(r->p, (gsize)(end - r->p));
    c->def.name = g_strdup("/test/node");
    c->def.attrs = g_new0(HeAttr, 16);
    r->p = end;
    while (!skip(r, ':'))
        attr_read(r, &c->def.attrs[c->def.n_attrs++]);
    while (!skip(r, '-')) {
        int i = c->node.n_in++;
        c->node.in[i] = skip(r, '_') ? NULL : &c->in[i].t;
        if (c->node.in[i])
            input_read(r, c, i, rand);
    }
    need(r, '>');
    while (!skip(r, '\0') && *r->p != '\n')
        output_read(r, c, c->node.n_out++);
}

OpCheck *op_check_new(const char *line, int opset, HePrecision precision, gint64 gap,
                      guint32 seed)
{
    OpCheck *c = g_new0(OpCheck, 1);
    g_autoptr(GRand) rand = g_rand_new_with_seed(seed);
    Reader r = {line, line, precision};
    c->gap = gap;
    c->node.def = &c->def;
    c->node.opset = opset;
    c->node.in = g_new0(const HeTensor *, OP_MAX_IO);
    c->node.out = g_new0(HeTensor *, OP_MAX_IO);
    read_all(&r, c, rand);
    static const char *const domains[] = {"", "human-eye"};
    for (guint i = 0; i < G_N_ELEMENTS(domains) && !c->node.op; i++)
        c->node.op = precision == HE_PRECISION_DOUBLE
                         ? he_op_find_f64(domains[i], c->def.op_type, opset)
                         : he_op_find_f32(domains[i], c->def.op_type, opset);
    if (!c->node.op)
        g_error("no operator %s at opset %d", c->def.op_type, opset);
    return c;
}

static void attr_clear(HeAttr *attr)
{
    g_free(attr->name);
    g_free(attr->s);
    g_free(attr->ints);
    g_free(attr->floats);
    if (attr->t)
        g_free(attr->t->owned);
    g_free(attr->t);
}

void op_check_free(OpCheck *c)
{
    for (int i = 0; i < OP_MAX_IO; i++) {
        op_tensor_clear(&c->in[i].t);
        op_tensor_clear(&c->out[i].t);
        g_free(c->out[i].expected);
    }
    if (c->saved)
        g_assert_true(guarded_free(c->saved));
    if (c->scratch)
        g_assert_true(guarded_free(c->scratch));
    for (int i = 0; i < c->def.n_attrs; i++)
        attr_clear(&c->def.attrs[i]);
    g_free(c->def.attrs);
    g_free(c->def.op_type);
    g_free(c->def.name);
    g_free(c->node.params);
    g_free(c->node.in);
    g_free(c->node.out);
    g_free(c);
}

/* ---- running ----------------------------------------------------------------------------------------- */

/* What a plan checks before infer. */
static gboolean check_arity(const OpCheck *c, GError **error)
{
    const HeOp *op = c->node.op;
    int n_in = c->node.n_in, n_out = c->node.n_out;
    if (n_in >= op->min_in && (op->max_in < 0 || n_in <= op->max_in) &&
        n_out >= op->min_out && (op->max_out < 0 || n_out <= op->max_out))
        return TRUE;
    return he_node_error(&c->node, HE_ERROR_CORRUPT_MODEL, error, "%d inputs, %d outputs",
                         n_in, n_out);
}

gboolean op_check_infer(OpCheck *c, int n_workers, GError **error)
{
    void *data[OP_MAX_IO];
    c->node.n_workers = n_workers;
    c->node.kernels = HE_SET_AUTO;
    if (!check_arity(c, error))
        return FALSE;
    for (int i = 0; i < OP_MAX_IO; i++) {
        data[i] = c->in[i].t.data;
        if (!c->in[i].is_const)
            c->in[i].t.data = NULL;
    }
    gboolean good = c->node.op->infer(&c->node, error);
    for (int i = 0; i < OP_MAX_IO; i++)
        c->in[i].t.data = data[i];
    if (!good)
        return FALSE;
    for (int o = 0; o < c->node.n_out; o++)
        if (c->node.out[o])
            *c->node.out[o] = op_tensor_new(c->node.out[o], c->gap);
    if (c->node.op->saved_bytes)
        c->saved = guarded_new(c->node.op->saved_bytes(&c->node), 1, 0);
    if (c->node.scratch_bytes)
        c->scratch = guarded_new(c->node.scratch_bytes, 1, 0);
    return TRUE;
}

gboolean op_check_forward(OpCheck *c, gboolean keep, HePool *pool, GError **error)
{
    HeRun run = {.node = &c->node,
                 .in = c->node.in,
                 .out = c->node.out,
                 .saved = keep ? c->saved : NULL,
                 .scratch = c->scratch,
                 .pool = pool};
    return c->node.op->forward(&run, error);
}

void op_check_backward(OpCheck *c, const HeTensor *const *d_out, HeTensor *const *d_in,
                       gboolean accumulate, HeRule rule, HePool *pool)
{
    gboolean flags[OP_MAX_IO];
    for (int i = 0; i < OP_MAX_IO; i++)
        flags[i] = accumulate;
    HeRun run = {.node = &c->node,
                 .in = c->node.in,
                 .out = c->node.out,
                 .d_out = d_out,
                 .d_in = d_in,
                 .accumulate = flags,
                 .saved = c->saved,
                 .scratch = c->scratch,
                 .pool = pool,
                 .rule = rule};
    c->node.op->backward(&run);
}
