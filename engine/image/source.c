/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* How large the rows of a picture are. */
#include "human-eye.h"

size_t he_source_row_bytes(const HeSource *source)
{
    size_t n = (size_t)source->width * (size_t)(source->channels + source->has_alpha);
    return n * (source->full_scale == 255 ? 1 : source->full_scale == 65535 ? 2 : 4);
}
