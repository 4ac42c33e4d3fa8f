/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What running a plan forward (run.c) and back (run_back.c) have in common. */
#ifndef HE_GRAPH_STEP_H
#define HE_GRAPH_STEP_H

#include "graph/plan.h"

/* Whether no number is NaN or infinite; whole numbers are none. */
gboolean he_tensor_is_finite(const HeTensor *t);
/* Says which node has it, in its WHAT; returns FALSE. */
gboolean he_step_not_finite(const HeStep *step, const char *what, GError **error);

/* Brings the step's streamed constants to MEMORY; IN and COPIES get the step's inputs. */
void he_step_stream(HePlan *plan, HeStep *step, gboolean is_backward, guint8 *memory,
                    const HeTensor **in, HeTensor *copies);
/* A plan that runs again packs what no other one has packed, as long as all that is kept is a few times the weights; one
 * run alone would not win back the packing. The file's own then need no memory. Weights that are computed are other
 * ones in every run. */
void he_step_keep_packed(HePlan *plan, HeStep *step, HeRun *run, gboolean is_backward);
/* What forward saved for the way back; NULL: nothing. */
void *he_step_saved(const HePlan *plan, const HeStep *step);

/* DONE of N steps have run: tells progress; FALSE: cancelled. TASK may be NULL. */
gboolean he_plan_between_steps(const HeTask *task, int done, int n, GError **error);

#endif
