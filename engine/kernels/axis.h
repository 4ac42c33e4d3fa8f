/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* One axis of a convolution: output o and tap k meet at input o * stride + k * dilation - pad. */
#ifndef HE_KERNELS_AXIS_H
#define HE_KERNELS_AXIS_H

#include <glib.h>

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

#endif
