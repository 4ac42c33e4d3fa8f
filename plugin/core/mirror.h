/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Places that files are had from. */
#ifndef HE_CORE_MIRROR_H
#define HE_CORE_MIRROR_H

#include "human-eye.h"

/* FILE's address on MIRROR: a folder, or an address that FILE is below, or one with {file} or {stem} (FILE
 * without .onnx) in it. g_free. */
char *he_mirror_url(const char *mirror, const char *file, GError **error);
/* The address as it may be shown: without a password. g_free. */
char *he_mirror_show(const char *url);

#endif
