/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Pictures in memory for tests, as a HeSource that counts its readings. */
#ifndef TESTS_PICTURE_H
#define TESTS_PICTURE_H

#include "human-eye.h"

typedef struct {
    HeSource source; /* first, so that a HeSource * is one */
    float *samples;  /* [height, width, channels + has_alpha], as stored; alpha 0..1 */
    int n_readings;  /* times that row 0 was read */
} Picture;

/* Black and opaque. */
Picture *picture_new(int width, int height, int channels, gboolean has_alpha,
                     double full_scale);
/* A PNG as 8-bit RGB; a file that cannot be read ends the test. */
Picture *picture_load(const char *path);
void picture_free(Picture *picture);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Picture, picture_free)

#endif
