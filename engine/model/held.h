/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Inputs besides the picture, held constant by the descriptor's [Input NAME] Value. */
#ifndef HE_MODEL_HELD_H
#define HE_MODEL_HELD_H

#include "model/onnx.h"

/* Why TEXT is no value: NULL when it is a number, or a .npy file in the descriptor's folder or below. g_free. */
char *he_held_check(const char *text);
/* The value TEXT for input DEF: a number fills its shape (1 where that is free), a file of FOLDER gives it. */
gboolean he_held_read(const HeValueDef *def, const char *folder, const char *text,
                      HeTensorDef *out, GError **error);
void he_held_clear(HeTensorDef *held);

#endif
