/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What `bench` is made of besides cli/bench.c. */
#ifndef HE_CLI_BENCH_H
#define HE_CLI_BENCH_H

#include "human-eye.h"
#include "plugin/core/json.h"

/* --layers: where the time of SESSION's forward run goes, and of the way back; to JSON as one object, or NULL: printed as a table. */
gboolean cli_bench_layers(HeSession *session, gboolean is_backward, int repeat,
                          JsonBuilder *json, GError **error);

#endif
