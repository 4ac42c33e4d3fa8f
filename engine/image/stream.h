/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The rows of a picture on their way to the resampler, in bands of floats; those of a large one as they are stored,
 * which a thread decodes strip by strip while the next band is fetched. */
#ifndef HE_IMAGE_STREAM_H
#define HE_IMAGE_STREAM_H

#include "image/channels.h"
#include "image/resample.h"
#include "image/view.h"

typedef struct {
    HeSource *source;
    const HeDescriptor *descriptor;
    HePlacement place;
    HeChannels channels;
} HeStream;

/* All rows that RESAMPLE wants, over the background; TASK or NULL. */
gboolean he_stream_run(const HeStream *stream, HeResample *resample, const HeTask *task,
                       GError **error);

#endif
