/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Winograd's F(4x4, 3x3) (winograd.h) and F(2x2, 3x3) in blocks of channels (nchwc.h): vectors run along channels, so
 * that numbers are read and written as they stand. Tiles of SIDE x SIDE outputs have (SIDE + 2)^2 points. */
#ifndef HE_KERNELS_NCHWC_WINO_H
#define HE_KERNELS_NCHWC_WINO_H

#include "kernels/blocks.h"

#define HE_NCHWC_WINO_BLOCKS 2 /* of any set at once */

/* U[point * u_point + c * 16 + i] from w[(c * 9 + tap) * 16 + i]; the taps from the last to the first when
 * IS_FLIPPED. */
typedef struct {
    const float *w;
    size_t channels;
    gboolean is_flipped;
    float *u;
    size_t u_point;
} HeNchwcWinoWeights;

/* A row of N tiles of one block: v[point * v_point + t * 16 + i] from the inputs whose first stands at row Y, column
 * X + SIDE t of the plane; outside it they are 0. */
typedef struct {
    const float *plane;
    size_t h, w;
    gssize y, x;
    size_t n;
    float *v;
    size_t v_point;
} HeNchwcWinoIn;

/* A row of N tiles of one block, to rows Y .. of the plane, as many as there are. */
typedef struct {
    const float *m; /* m[point * m_point + t * 16 + i] */
    size_t m_point;
    size_t n;
    float *plane;
    size_t h, w, y;
    const float *bias; /* [16]; NULL: the result is added to the plane */
    const HeNchwcFinish *finish;
    size_t channel, at; /* of the plane's first number */
} HeNchwcWinoOut;

typedef struct {
    void (*weights)(const HeNchwcWinoWeights *s);
    void (*in)(const HeNchwcWinoIn *s);
    void (*out)(const HeNchwcWinoOut *s);
} HeNchwcWinoTile;

typedef struct {
    const HeBlocksSet *product;
    HeNchwcWinoTile two, four; /* side */
} HeNchwcWinoSet;

/* x86-64 only. */
extern const HeNchwcWinoSet he_nchwc_wino_avx2;
extern const HeNchwcWinoSet he_nchwc_wino_avx512;
extern const HeNchwcWinoSet he_nchwc_wino_neon; /* AArch64 only */

/* One direction, and how it is cut into tiles of work: some rows of tiles by some blocks of the result. */
typedef struct {
    size_t c, m;     /* blocks of channels of the input, of the result */
    size_t channels; /* of the input */
    size_t results;  /* channels of the result */
    size_t h, w, oh, ow, pt, pl;
    size_t side, points;
    size_t th, tw;           /* tiles */
    size_t rows, groups;     /* rows of tiles of a tile of work, such groups */
    size_t m_part, m_parts;  /* blocks of the result in a tile of work, such parts */
    size_t v_point, m_point; /* numbers from one point to the next */
} HeNchwcWinoShape;

gboolean he_nchwc_wino_fits(const HeConv2d *s, gboolean is_backward);
HeNchwcWinoShape he_nchwc_wino_shape(const HeConv2d *s, gboolean is_backward);

#endif
