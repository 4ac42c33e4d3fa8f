/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* he_product_pack: a transposition, by squares of four where there are as many rows. */
#include "kernels/product.h"

#include <string.h>

#define LINE  16 /* floats of a cache line */
#define AHEAD 64

typedef float Vec __attribute__((vector_size(16)));
typedef gint32 Index __attribute__((vector_size(16)));

static inline Vec load(const guint8 *p)
{
    Vec v;
    memcpy(&v, p, sizeof v);
    return v;
}

#ifdef __clang__
#define SHUFFLE(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
#define SHUFFLE(a, b, ...) __builtin_shuffle(a, b, (Index){__VA_ARGS__})
#endif

/* Four rows from W, W_ROW bytes apart, four columns; the columns go to OUT, ROWS apart. */
static inline void square(const guint8 *w, size_t w_row, size_t rows, float *out)
{
    Vec a = load(w), b = load(w + w_row), c = load(w + 2 * w_row),
        d = load(w + 3 * w_row);
    Vec ab_0 = SHUFFLE(a, b, 0, 4, 1, 5), ab_2 = SHUFFLE(a, b, 2, 6, 3, 7);
    Vec cd_0 = SHUFFLE(c, d, 0, 4, 1, 5), cd_2 = SHUFFLE(c, d, 2, 6, 3, 7);
    Vec col[4] = {SHUFFLE(ab_0, cd_0, 0, 1, 4, 5), SHUFFLE(ab_0, cd_0, 2, 3, 6, 7),
                  SHUFFLE(ab_2, cd_2, 0, 1, 4, 5), SHUFFLE(ab_2, cd_2, 2, 3, 6, 7)};
    for (size_t i = 0; i < 4; i++)
        memcpy(out + i * rows, &col[i], sizeof col[i]);
}

/* Weights are mostly read for the first time here, by rows that no processor foresees: the lines that come
 * next are asked for while these are moved. */
static inline void ask_for(const guint8 *w, size_t w_row, size_t rows)
{
    for (size_t r = 0; r < rows; r++)
        __builtin_prefetch(w + r * w_row);
}

void he_product_pack(const void *weights, size_t w_row, size_t rows, size_t k, float *out)
{
    const guint8 *w = weights;
    size_t i = 0, width = sizeof *out;
    w_row *= width;
    for (; rows >= 4 && i + 4 <= k; i += 4) {
        if (i % LINE == 0 && i + AHEAD < k)
            ask_for(w + (i + AHEAD) * width, w_row, rows);
        for (size_t r = 0; r < rows; r += 4) {
            size_t from = MIN(r, rows - 4); /* the last squares may overlap */
            square(w + from * w_row + i * width, w_row, rows, out + i * rows + from);
        }
    }
    for (; i < k; i++)
        for (size_t r = 0; r < rows; r++)
            memcpy(out + i * rows + r, w + r * w_row + i * width, width);
}
