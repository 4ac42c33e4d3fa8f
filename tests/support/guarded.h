/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Arrays of floats between guards, for tests of loops on raw pointers. */
#ifndef HE_TESTS_GUARDED_H
#define HE_TESTS_GUARDED_H

#include <glib.h>

/* N elements of SIZE bytes, every byte 0xff (floats: NaN), at SHIFT bytes past a 64-byte boundary. */
void *guarded_new(size_t n, size_t size, size_t shift);
/* FALSE when a byte before or after the array was changed. Frees it. */
gboolean guarded_free(void *array);
/* Random numbers in -1..1. */
void guarded_fill(float *array, size_t n, GRand *rand);

#endif
