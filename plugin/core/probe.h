/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* An input that only takes a network's time. */
#ifndef HE_CORE_PROBE_H
#define HE_CORE_PROBE_H

#include "human-eye.h"

/* Of the model's own size, with values around zero, the same everywhere. */
HeInput *he_probe_new(HeSession *session, GError **error);

#endif
