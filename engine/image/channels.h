/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* From a picture's samples to a network's channels, and from their numbers to the tensor's. */
#ifndef HE_IMAGE_CHANNELS_H
#define HE_IMAGE_CHANNELS_H

#include "human-eye.h"

typedef struct {
    int n;            /* channels of the network */
    int n_samples;    /* of one source pixel, alpha included */
    int alpha;        /* its index, or -1 */
    int *sample;      /* [n] which sample a channel is; -1: the mix of the first three */
    double mix[3];    /* weights of red, green and blue */
    double *shown;    /* [n] what is seen through transparency, in the source's numbers */
    double *padded;   /* [n] the same in the tensor's numbers */
    double low, span; /* (v - low) / span is 0..1 */
    double scale;
    const double *mean, *std; /* borrowed from the descriptor */
} HeChannels;

/* BACKGROUND: "mean", "#rrggbb", or NULL: the descriptor's. Errors: a picture whose bands do not fit. */
gboolean he_channels_init(HeChannels *channels, const HeDescriptor *descriptor,
                          const HeSource *source, const char *background, GError **error);
void he_channels_clear(HeChannels *channels);

/* A pixel's channels are its samples, so that picking them would change nothing. */
gboolean he_channels_are_samples(const HeChannels *channels);
/* N pixels of the source into OUT [n, channels->n], shown over the background. */
void he_channels_pick(const HeChannels *channels, const float *in, size_t n, float *out);
/* (scale * (v - low) / span - mean) / std */
double he_channels_normalise(const HeChannels *channels, int channel, double v);

#endif
