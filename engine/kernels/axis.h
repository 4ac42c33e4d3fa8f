/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* One axis of a convolution: output o and tap k meet at input o * stride + k * dilation - pad. */
#ifndef HE_KERNELS_AXIS_H
#define HE_KERNELS_AXIS_H

#include <glib.h>
#include <string.h>

static inline size_t he_div_up(size_t a, size_t b)
{
    return a / b + (a % b != 0);
}

/* The first output whose input is at least START, for a tap AT k * dilation. */
static inline size_t he_axis_first(size_t start, size_t at, size_t stride, size_t pad)
{
    return start + pad > at ? he_div_up(start + pad - at, stride) : 0;
}

/* One past the last output, of N, whose input is below END. */
static inline size_t he_axis_past(size_t end, size_t at, size_t stride, size_t pad,
                                  size_t n)
{
    return MIN(n, he_axis_first(end, at, stride, pad));
}

/* What N consecutive outputs meet at one tap: every STRIDE-th number. A literal stride of 2, by far the
 * most common after 1, becomes shuffles. */
static inline void he_axis_gather(const float *in, size_t stride, size_t n, float *out)
{
    if (stride == 1)
        memcpy(out, in, n * sizeof *out);
    else if (stride == 2)
        for (size_t i = 0; i < n; i++)
            out[i] = in[2 * i];
    else
        for (size_t i = 0; i < n; i++)
            out[i] = in[i * stride];
}

#endif
