/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The dialog of the models. */
#ifndef HE_DIALOG_MANAGER_H
#define HE_DIALOG_MANAGER_H

#include "plugin/gimp/procedures.h"

/* Shows what is installed and what can be had; gets, adds, checks and removes as the user asks. */
void he_manager_run(const HeGimpProcedure *procedure);

#endif
