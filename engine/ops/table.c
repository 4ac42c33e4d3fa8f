/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The rows of ops.def as a table, and the search in it. */
#include "ops/op.h"

#include <string.h>

#define HE_OP(domain, since_version, symbol)                                             \
    extern const HeOp he_op_##symbol##_f32, he_op_##symbol##_f64;
#include "ops/ops.def"
#undef HE_OP

static const HeOpRow rows[] = {
#define HE_OP(domain, since_version, symbol)                                             \
    {domain, since_version, &he_op_##symbol##_f32, &he_op_##symbol##_f64},
#include "ops/ops.def"
#undef HE_OP
};

const HeOpRow *he_op_get(size_t i)
{
    return i < G_N_ELEMENTS(rows) ? &rows[i] : NULL;
}

/* Rows of one name stand together, oldest first. */
static const HeOpRow *find(const char *domain, const char *name, int opset)
{
    const HeOpRow *best = NULL;
    if (strcmp(domain, "ai.onnx") == 0)
        domain = "";
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        if (strcmp(rows[i].f32->name, name) == 0 && strcmp(rows[i].domain, domain) == 0 &&
            rows[i].since_version <= opset)
            best = &rows[i];
    return best;
}

const HeOp *he_op_find_f32(const char *domain, const char *name, int opset)
{
    const HeOpRow *row = find(domain, name, opset);
    return row ? row->f32 : NULL;
}

const HeOp *he_op_find_f64(const char *domain, const char *name, int opset)
{
    const HeOpRow *row = find(domain, name, opset);
    return row ? row->f64 : NULL;
}
