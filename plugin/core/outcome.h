/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Inside plugin/core: what is said about a run that went well. */
#ifndef HE_CORE_OUTCOME_H
#define HE_CORE_OUTCOME_H

#include "plugin/core/params.h"
#include "plugin/core/questions.h"

/* The group's name and the messages, after those that MESSAGES holds already. */
void he_outcome_describe(HeRunner *runner, const HeAsk *ask, const HeQuestions *questions,
                         HeOutcome *outcome, GPtrArray *messages);

#endif
