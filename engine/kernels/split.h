/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Cutting a product of M rows by N columns into blocks, one tile each: by shape alone, so that results do
 * not depend on the number of threads. Every block of columns packs the left operand again and every block
 * of rows the right one; of all cuts that give eight threads enough to do, the one that copies least. */
#ifndef HE_KERNELS_SPLIT_H
#define HE_KERNELS_SPLIT_H

#include <glib.h>

typedef struct {
    size_t m, n;             /* what to cut */
    size_t m_grain, n_grain; /* blocks are multiples of these */
    double work;             /* multiply-adds in all */
    double m_cost,
        n_cost; /* numbers copied for each row and block of columns, and the other way */
    size_t n_overlap;  /* columns that each block of columns computes besides its own */
    double n_scratch;  /* numbers of scratch for each column of a block, */
    double mn_scratch; /* and for each row and column of a block */
} HeCut;

typedef struct {
    size_t m_block, n_block;   /* size of a block; the last may be smaller */
    size_t m_blocks, n_blocks; /* how many */
} HeSplit;

HeSplit he_split(const HeCut *cut);

#endif
