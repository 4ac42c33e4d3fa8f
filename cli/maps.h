/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Results as files: the picture with the map over it, the coloured map alone, raw numbers. */
#ifndef HE_CLI_MAPS_H
#define HE_CLI_MAPS_H

#include "cli/output.h"
#include "cli/picture.h"
#include "plugin/core/run.h"

typedef enum { CLI_AS_PICTURE, CLI_AS_LAYER } CliAs;
extern const HeChoice cli_as_choices[];

/* Rows worked on at once: a picture of any height costs one band. */
int cli_band_rows(int width, int height);

/* Gives rows of a result one band after the other, R'G'B'A. */
typedef struct {
    CliPicture *picture;
    const HeDescriptor *descriptor; /* how bands without colours are shown; may be NULL */
    const HeResult *result;         /* NULL: the picture alone */
    CliAs as;
    HeRender *render;               /* of the result, or NULL */
    int n_rows;                     /* of a band */
    float *samples, *bottom, *rows; /* memory of one band; rows: what was made last */
} CliComposer;

gboolean cli_composer_init(CliComposer *composer, CliPicture *picture,
                           const HeDescriptor *descriptor, const HeResult *result,
                           CliAs as, GError **error);
/* Rows Y .. Y + N - 1, N at most n_rows, into composer->rows. */
gboolean cli_composer_rows(CliComposer *composer, int y, int n, GError **error);
gboolean cli_composer_has_alpha(const CliComposer *composer);
void cli_composer_clear(CliComposer *composer);

/* A PNG that carries the result's recipe; the same bytes with any number of threads. */
gboolean cli_write_png(CliOutputs *outputs, const char *path, const CliComposer *composer,
                       int n_threads, GError **error);
/* float32 [H, W] on the picture's pixels, NaN where the network did not look. */
gboolean cli_write_raw(CliOutputs *outputs, const char *path, const HeResult *result,
                       GError **error);
/* float32, as `evaluate` gives it. */
gboolean cli_write_native(CliOutputs *outputs, const char *path, const HeMap *map,
                          GError **error);
gboolean cli_write_npy(CliOutputs *outputs, const char *path, int rank, const gint64 *dim,
                       const float *values, GError **error);

/* Shape of map->native for one sample: [1, h, w] of a layer's map, else [1, C, H, W]. Gives the rank. */
int cli_map_shape(const HeMap *map, gint64 dim[4]);

#endif
