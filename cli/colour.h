/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* From a file's stored numbers to sRGB: one table per channel, and a matrix where its primaries differ. */
#ifndef HE_CLI_COLOUR_H
#define HE_CLI_COLOUR_H

#include "human-eye.h"

typedef struct {
    int full; /* the stored number of full white */
    float *linear
        [3]; /* [full + 1] each: stored number -> linear light; NULL: sRGB's curve */
    gboolean has_matrix; /* the primaries are not sRGB's */
    double matrix[3][3]; /* linear light of the file -> linear sRGB */
    float *table[3]
                [2]; /* [encoding] stored number -> sRGB or linear; made when asked for */
} CliColour;

/* A file whose numbers are sRGB as they are. */
CliColour *cli_colour_new(int full);
void cli_colour_free(CliColour *colour);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CliColour, cli_colour_free)
/* linear = stored^(1 / FILE_GAMMA), PNG's gAMA. One near sRGB's own leaves the numbers as they are. */
void cli_colour_set_gamma(CliColour *colour, double file_gamma);
/* Primaries: columns X, Y, Z of red, green, blue, whose sum is white. Near sRGB's: left as they are. */
void cli_colour_set_primaries(CliColour *colour, const double xyz[3][3]);
/* LINEAR [channels][full + 1] from g_new, taken; curves near sRGB's leave the numbers as they are. */
void cli_colour_take_curves(CliColour *colour, int channels, float *const *linear);
/* An ICC profile of N bytes (image/icc.h); FALSE: of a kind that is not read, nothing is changed. */
gboolean cli_colour_set_profile(CliColour *colour, int channels, const guint8 *profile,
                                size_t n);
/* N pixels of 1 or 3 stored numbers, STEP floats apart, in place; ENCODING srgb or linear. */
void cli_colour_convert(CliColour *colour, HeEncoding encoding, int channels, int step,
                        float *pixels, size_t n);

#endif
