/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The engine's one error domain. */
#include "human-eye.h"

G_DEFINE_QUARK(human - eye - error - quark, he_error)
