/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The dialog of the explaining procedures. */
#ifndef HE_DIALOG_H
#define HE_DIALOG_H

#include "plugin/gimp/job.h"
#include "plugin/gimp/procedures.h"

/* Shows JOB's picture to the network, lets the user ask, and returns the answer that the preview showed
 * when OK was pressed, with REQUEST as it was asked; NULL: cancelled. */
HeOutcome *he_dialog_run(const HeGimpProcedure *procedure, HeGimpJob *job,
                         HeRequest *request);

#endif
