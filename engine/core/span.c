/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A part of a longer task: its 0..1 becomes FROM..TO of the whole, and never goes back. */
#include "human-eye.h"

static void span_progress(double fraction, void *user_data)
{
    HeSpan *span = user_data;
    span->reached = CLAMP(fraction, span->reached, 1);
    span->outer->progress(span->from + (span->to - span->from) * span->reached,
                          span->outer->user_data);
}

const HeTask *he_span_init(HeSpan *span, const HeTask *outer, double from, double to)
{
    *span = (HeSpan){.outer = outer, .from = from, .to = to};
    if (outer) {
        span->task.cancellable = outer->cancellable;
        span->task.progress = outer->progress ? span_progress : NULL;
        span->task.user_data = span;
    }
    return &span->task;
}
