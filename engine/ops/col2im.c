/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Col2Im: windows that lie side by side as columns [N, C x block, L] are laid back onto the picture [N, C, axes...]
 * and added where they overlap: y[o * stride - pad + k * dilation] += x[k, o], over 1 to 3 axes. What falls
 * into the padding is lost. The picture is what window.h calls the input. */
#include "ops/grad.h"

#include "ops/support.h"
#include "ops/window.h"

typedef struct {
    HeWindow w;
    size_t n_planes, n_taps;
} Params;

/* WHOLE / (a product of numbers >= 1), or 0 where that is no whole number. */
static gint64 divide_by_all(gint64 whole, int n, const gint64 *numbers)
{
    for (int k = 0; k < n; k++) {
        if (whole % numbers[k] != 0)
            return 0;
        whole /= numbers[k];
    }
    return whole;
}

static gboolean infer_columns(HeNode *node, int n_axes, const gint64 *image,
                              const gint64 *block, GError **error)
{
    const HeTensor *x = node->in[0];
    Params params = {0};
    if (!he_window_infer_over(node, n_axes, image, block, &params.w, error))
        return FALSE;
    gint64 channels = divide_by_all(x->dim[1], n_axes, params.w.kernel);
    if (channels == 0 || divide_by_all(x->dim[2], n_axes, params.w.out) != 1) {
        g_autofree char *shape = he_tensor_shape_text(x);
        return he_node_error(node, HE_ERROR_CORRUPT_MODEL, error,
                             "columns %s do not fit its image_shape and block_shape",
                             shape);
    }
    gint64 dim[2 + HE_WINDOW_AXES] = {x->dim[0], channels};
    for (int k = 0; k < n_axes; k++)
        dim[2 + k] = image[k];
    if (!he_node_set_out(node, 0, x->type, 2 + n_axes, dim, error))
        return FALSE;
    params.n_planes = he_dims_product(node->out[0], 0, 2);
    params.n_taps = (size_t)(x->dim[1] / channels);
    he_window_widen(&params.w);
    node->params = g_memdup2(&params, sizeof params);
    return TRUE;
}

static gboolean infer(HeNode *node, GError **error)
{
    g_autofree gint64 *image = NULL, *block = NULL;
    size_t n_image, n_block;
    if (!he_node_need_float(node, 0, error) || !he_node_need_rank(node, 0, 3, 3, error) ||
        !he_node_const_ints(node, 1, &image, &n_image, error) ||
        !he_node_const_ints(node, 2, &block, &n_block, error))
        return FALSE;
    if (n_image != n_block || n_image < 1 || n_image > HE_WINDOW_AXES)
        return he_node_error(node, HE_ERROR_UNSUPPORTED, error,
                             "image_shape has %zu numbers and block_shape %zu, expected "
                             "as many, 1 to %d",
                             n_image, n_block, HE_WINDOW_AXES);
    return infer_columns(node, (int)n_image, image, block, error);
}

/* A row of windows: what its tap number TAP starts at is column + tap * per_tap. */
typedef struct {
    real *column;
    size_t per_tap;
    real *image;
} Row;

static Row row_of(const HeRun *run, const HeWindowRow *r, const HeTensor *columns,
                  const HeTensor *image)
{
    const Params *params = run->node->params;
    return (Row){(real *)columns->data +
                     he_tensor_offset(columns, 2, r->plane * params->n_taps) +
                     he_window_row_start(&params->w, r),
                 (size_t)columns->stride[1],
                 (real *)image->data + he_tensor_offset(image, 2, r->plane)};
}

static void lay_tap(void *data, const HeWindow *w, guint32 tap, size_t at, size_t from,
                    size_t to)
{
    const Row *row = data;
    const real *column = row->column + tap * row->per_tap;
    size_t stride = (size_t)w->stride[2];
    for (size_t k = from; k < to; k++)
        row->image[at + (k - from) * stride] += column[k];
}

static void forward_row(void *data, const HeWindow *w, const HeWindowRow *r)
{
    const HeRun *run = data;
    Row row = row_of(run, r, run->in[0], run->out[0]);
    he_window_row_taps(w, r, lay_tap, &row);
}

static gboolean forward(const HeRun *run, GError **error)
{
    const Params *params = run->node->params;
    (void)error;
    he_tensor_clear(run->pool, run->out[0]);
    he_window_rows(run->pool, &params->w, params->n_planes, TRUE, forward_row,
                   (void *)run);
    return TRUE;
}

static void take_tap(void *data, const HeWindow *w, guint32 tap, size_t at, size_t from,
                     size_t to)
{
    const Row *row = data;
    real *column = row->column + tap * row->per_tap;
    size_t stride = (size_t)w->stride[2];
    for (size_t k = from; k < to; k++)
        column[k] += row->image[at + (k - from) * stride];
}

static void backward_row(void *data, const HeWindow *w, const HeWindowRow *r)
{
    const HeRun *run = data;
    Row row = row_of(run, r, run->d_in[0], run->d_out[0]);
    he_window_row_taps(w, r, take_tap, &row);
}

static void backward(const HeRun *run)
{
    const Params *params = run->node->params;
    if (!run->d_in[0])
        return;
    he_grad_begin(run->pool, run->d_in[0], run->accumulate[0]);
    he_window_rows(run->pool, &params->w, params->n_planes, FALSE, backward_row,
                   (void *)run);
}

const HeOp HE_REAL(he_op_col2im) = {
    .name = "Col2Im",
    .min_in = 3,
    .max_in = 3,
    .min_out = 1,
    .max_out = 1,
    .infer = infer,
    .forward = forward,
    .backward = backward,
};
