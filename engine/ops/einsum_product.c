/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Two operands of Einsum as batches of matrix products
 *
 *   C[batch, m, n] = A[batch, m, k] B[batch, k, n]
 *
 * batch: labels of both and of the output; k: of both alone; m, n: of one and of the output. Labels of one operand
 * alone are summed first. A view whose axes merge into such matrices is multiplied where it stands; another is
 * packed. */
#include "ops/einsum.h"

#include "ops/grad.h"
#include "ops/matmul.h"
#include "ops/support.h"

/* [batch, rows, columns, rest]: three kinds of labels, and those of VIEW that are of none. */
typedef struct {
    HeTensor t;
    int n_batch, n_rows, n_columns; /* axes */
} Matrices;

/* Labels and the view that has them in the order wanted. */
typedef struct {
    const HeEinsumView *like;
    guint64 mask;
} Kind;

static Matrices matrices_of(const HeEinsumView *view, Kind batch, Kind rows, Kind columns)
{
    Matrices m = {.t = view->t};
    m.t.rank = 0;
    he_einsum_append(&m.t, view, batch.like, batch.mask);
    m.n_batch = m.t.rank;
    he_einsum_append(&m.t, view, rows.like, rows.mask);
    m.n_rows = m.t.rank - m.n_batch;
    he_einsum_append(&m.t, view, columns.like, columns.mask);
    m.n_columns = m.t.rank - m.n_batch - m.n_rows;
    he_einsum_append(&m.t, view, view, ~(batch.mask | rows.mask | columns.mask));
    return m;
}

static size_t count_rows(const Matrices *m)
{
    return he_dims_product(&m->t, m->n_batch, m->n_batch + m->n_rows);
}

static size_t count_columns(const Matrices *m)
{
    int from = m->n_batch + m->n_rows;
    return he_dims_product(&m->t, from, from + m->n_columns);
}

/* ---- products ---------------------------------------------------------------------------------------- */

/* N axes from AXIS on as one. */
static gboolean merge(const HeTensor *t, int axis, int n, size_t *size, size_t *stride)
{
    gint64 total = 1, step = 1;
    for (int k = axis + n - 1; k >= axis; k--) {
        if (t->dim[k] == 1)
            continue;
        if (total == 1)
            step = t->stride[k];
        else if (t->stride[k] != total * step)
            return FALSE;
        total *= t->dim[k];
    }
    *size = (size_t)total;
    *stride = (size_t)step;
    return TRUE;
}

/* The first matrix where it stands. FALSE: it must be packed. */
static gboolean as_matrix(const Matrices *m, HeMatrix *out)
{
    size_t rows, columns, row_step, column_step;
    if (m->t.rank > m->n_batch + m->n_rows + m->n_columns ||
        !merge(&m->t, m->n_batch, m->n_rows, &rows, &row_step) ||
        !merge(&m->t, m->n_batch + m->n_rows, m->n_columns, &columns, &column_step))
        return FALSE;
    if (column_step == 1 || columns == 1)
        *out = (HeMatrix){m->t.data, rows > 1 ? row_step : MAX(columns, 1), FALSE};
    else if (row_step == 1 || rows == 1)
        *out = (HeMatrix){m->t.data, column_step, TRUE};
    else
        return FALSE;
    return out->ld >= (out->is_transposed ? rows : columns);
}

/* M in contiguous memory at *AT, the rest still to be summed or stretched over. */
static Matrices packed(const Matrices *m, real **at)
{
    Matrices out = *m;
    for (int k = m->n_batch + m->n_rows + m->n_columns; k < out.t.rank; k++)
        out.t.dim[k] = 1;
    he_tensor_set_contiguous(&out.t);
    out.t.data = *at;
    *at += he_tensor_n(&out.t);
    return out;
}

static HeMatrix packed_matrix(const Matrices *m)
{
    return (HeMatrix){m->t.data, MAX(count_columns(m), 1), FALSE};
}

static Matrices operand(const HeRun *run, const Matrices *m, real **at, HeMatrix *out)
{
    if (as_matrix(m, out))
        return *m;
    Matrices copy = packed(m, at);
    he_grad_pass(run->pool, &copy.t, FALSE, &m->t, 1);
    *out = packed_matrix(&copy);
    return copy;
}

static HeMatrix at_batch(HeMatrix matrix, const Matrices *m, size_t i)
{
    HeTensor batch = m->t;
    batch.rank = m->n_batch;
    matrix.data = (real *)matrix.data + he_tensor_offset(&batch, batch.rank, i);
    return matrix;
}

/* z (+)= the products of x and y. */
void he_einsum_product(const HeRun *run, const HeEinsumView *x, const HeEinsumView *y,
                       const HeEinsumView *z, gboolean accumulate)
{
    Kind batch = {z, x->mask & y->mask & z->mask}, inner = {x, x->mask & y->mask};
    Kind rows = {z, x->mask & z->mask & ~y->mask},
         columns = {z, y->mask & z->mask & ~x->mask};
    inner.mask &= ~z->mask;
    Matrices a = matrices_of(x, batch, rows, inner);
    Matrices b = matrices_of(y, batch, inner, columns);
    Matrices c = matrices_of(z, batch, rows, columns), made = c;
    HeMatrix am, bm, cm;
    real *at = run->scratch;
    a = operand(run, &a, &at, &am);
    b = operand(run, &b, &at, &bm);
    gboolean is_direct = as_matrix(&c, &cm) && !cm.is_transposed;
    if (!is_direct) {
        made = packed(&c, &at);
        cm = packed_matrix(&made);
    }
    size_t m = count_rows(&a), n = count_columns(&b), k = count_rows(&b);
    size_t n_batches = he_dims_product(&c.t, 0, c.n_batch);
    for (size_t i = 0; i < n_batches; i++)
        he_matrix_product(run, m, n, k, at_batch(am, &a, i), at_batch(bm, &b, i),
                          at_batch(cm, &made, i), is_direct && accumulate);
    if (!is_direct)
        he_grad_pass(run->pool, &c.t, accumulate, &made.t, 1);
}
