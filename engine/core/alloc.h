/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Memory whose size comes from input. Checked, 64-byte aligned, fails as an error; tests can make the
 * n-th call fail (he_alloc_fail_at). Free with he_free. */
#ifndef HE_CORE_ALLOC_H
#define HE_CORE_ALLOC_H

#include "human-eye.h"

/* N elements of SIZE bytes, not cleared. WHAT names them in the error ("weights of node /0/Conv"). */
void *he_alloc(size_t n, size_t size, const char *what, GError **error);
void *he_alloc0(size_t n, size_t size, const char *what, GError **error);
void he_free(void *memory);
/* FALSE on overflow. */
gboolean he_size_mul(size_t a, size_t b, size_t *out);
gboolean he_size_add(size_t a, size_t b, size_t *out);

/* For tests: the call with this number (from 1) fails; 0: none does. Counts from this call on. */
void he_alloc_fail_at(guint64 call);

#endif
