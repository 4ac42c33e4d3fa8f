/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Pictures in memory and networks' descriptors, in tests of what becomes of the one for the other. */
#ifndef HE_TESTS_INPUTS_H
#define HE_TESTS_INPUTS_H

#include "core/alloc.h"
#include "image/resample.h"
#include "model/model.h"

typedef struct {
    HeSource source;
    const float *samples;
    HeEncoding asked;
    int next; /* rows are read once, from the top */
} InputsPicture;

/* Channels of a network, NULL-terminated. */
extern char *inputs_rgb[], *inputs_luma[];

/* SAMPLES, of W x H pixels, 0 .. 255, are the caller's. */
InputsPicture inputs_picture(const float *samples, int w, int h, int channels,
                             gboolean has_alpha);
/* Numbers as they are, stretched bicubically. */
HeModel inputs_model(char **channels, int width, int height);
HeInput *inputs_made(const HeModel *m, InputsPicture *p, const HeLook *look);
/* It is, with CODE and a message in which SAYS stands. */
void inputs_refused(const HeModel *m, InputsPicture *p, const HeLook *look,
                    HeErrorCode code, const char *says);
void inputs_tensor_is(const HeInput *input, const float *expected, size_t n,
                      float within);
/* N numbers in 0 .. 1; g_free. */
float *inputs_noise(size_t n);

#endif
