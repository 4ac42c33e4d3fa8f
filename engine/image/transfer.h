/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The sRGB transfer curve (IEC 61966-2-1), exact and by table. */
#ifndef HE_IMAGE_TRANSFER_H
#define HE_IMAGE_TRANSFER_H

#include <glib.h>

double he_srgb_to_linear(double v);
double he_linear_to_srgb(double v);

/* By table: within 3e-7 (decode) and 3e-6 (encode) inside 0..1; outside computed, as babl does it. */
typedef struct HeTransfer HeTransfer;
const HeTransfer *he_transfer_get(void); /* made once, read-only after */
void he_transfer_decode(const HeTransfer *t, const float *encoded, float *linear);
void he_transfer_encode(const HeTransfer *t, const float *linear, float *encoded);
/* N pixels of three colours and alpha, which stays; may be done in place. */
void he_transfer_decode_pixels(const HeTransfer *t, const float *encoded, float *linear,
                               size_t n);
void he_transfer_encode_pixels(const HeTransfer *t, const float *linear, float *encoded,
                               size_t n);

#endif
