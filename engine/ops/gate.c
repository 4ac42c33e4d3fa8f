/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Operators with a hard gate; see gate.h. */
#include "ops/gate.h"

#include <string.h>

#include "kernels/gates.h"
#include "ops/support.h"

/* ---- bits -------------------------------------------------------------------------------------------- */

/* Eight bytes of 0 or 1 become eight bits, byte k bit k. */
static inline guint8 pack8(const guint8 *byte)
{
    guint64 v;
    memcpy(&v, byte, 8);
    return (guint8)((GUINT64_FROM_LE(v) * G_GUINT64_CONSTANT(0x0102040810204080)) >> 56);
}

/* The other way: the byte eight times, of which byte k keeps bit k; set is any number but 0. */
static inline void unpack8(guint8 bits, guint8 *byte)
{
    guint64 v = (bits * G_GUINT64_CONSTANT(0x0101010101010101)) &
                G_GUINT64_CONSTANT(0x8040201008040201);
    v = GUINT64_TO_LE(v);
    memcpy(byte, &v, 8);
}

static void pack_one(guint8 *bits, size_t i, gboolean bit)
{
    if (i % 8 == 0)
        bits[i / 8] = 0;
    bits[i / 8] = (guint8)(bits[i / 8] | (bit ? 1u << i % 8 : 0));
}

void he_gate_pack(guint8 *bits, size_t i, size_t n, const real *x, real low, real high)
{
    size_t k = 0;
    for (; k < n && (i + k) % 8 != 0; k++)
        pack_one(bits, i + k, x[k] > low && x[k] < high);
    while (k + 8 <= n) {
        guint8 inside[HE_CHUNK];
        size_t m = MIN((n - k) / 8 * 8, HE_CHUNK);
        for (size_t j = 0; j < m; j++)
            inside[j] = (guint8)((x[k + j] > low) & (x[k + j] < high));
        for (size_t j = 0; j < m; j += 8)
            bits[(i + k + j) / 8] = pack8(inside + j);
        k += m;
    }
    for (; k < n; k++)
        pack_one(bits, i + k, x[k] > low && x[k] < high);
}

void he_gate_unpack(const guint8 *bits, size_t i, size_t n, real on, real off,
                    real *slope)
{
    size_t k = 0;
    for (; k < n && (i + k) % 8 != 0; k++)
        slope[k] = he_gate_get(bits, i + k) ? on : off;
    while (k + 8 <= n) {
        guint8 inside[HE_CHUNK];
        size_t m = MIN((n - k) / 8 * 8, HE_CHUNK);
        for (size_t j = 0; j < m; j += 8)
            unpack8(bits[(i + k + j) / 8], inside + j);
        for (size_t j = 0; j < m; j++)
            slope[k + j] = inside[j] ? on : off;
        k += m;
    }
    for (; k < n; k++)
        slope[k] = he_gate_get(bits, i + k) ? on : off;
}

/* ---- the operator ------------------------------------------------------------------------------------ */

gboolean he_gate_infer(HeNode *node, const HeGate *gate, GError **error)
{
    if (!he_node_need_float(node, 0, error))
        return FALSE;
    node->params = g_memdup2(gate, sizeof *gate);
    return he_node_set_out_like(node, 0, node->in[0], error);
}

size_t he_gate_saved_bytes(const HeNode *node)
{
    return he_gate_bytes(he_tensor_n(node->in[0]));
}

/* Bits first: y may overwrite x. */
static void forward_run(void *data, size_t i, size_t n, char *const p[],
                        const ptrdiff_t step[])
{
    const HeRun *run = data;
    const HeGate *gate = run->node->params;
    const real *x = (const real *)p[1];
    (void)step;
    if (run->saved)
        he_gate_pack(run->saved, i, n, x, gate->low, gate->high);
    gate->value(gate->k, n, x, (real *)p[0]);
}

gboolean he_gate_forward(const HeRun *run, GError **error)
{
    (void)error;
    he_walk_tiles(run->pool, run->out[0], 2,
                  (const HeTensor *const[]){run->out[0], run->in[0]}, HE_WALK_BLOCK,
                  forward_run, (void *)run);
    return TRUE;
}

/* As many of a run's numbers, from the first on, as a kernel takes: those of gates that are open or shut. */
static size_t backward_by_kernel(const HeRun *run, size_t i, size_t n, const void *g,
                                 void *d)
{
    const HeGate *gate = run->node->params;
    HeGatesFunc func = he_gates_find(run->node->kernels);
    gboolean is_bit = gate->on >= 1 && gate->on <= 1 && gate->off >= 0 && gate->off <= 0;
    if (HE_REAL_TYPE != HE_F32 || !func || !is_bit || i % 8 != 0)
        return 0;
    HeGates s = {.bits = (const guint8 *)run->saved + i / 8, .g = g, .d = d};
    s.n = n / HE_GATES * HE_GATES;
    s.is_positive = run->rule != HE_RULE_PLAIN;
    s.is_gated = run->rule != HE_RULE_DECONV;
    s.accumulate = run->accumulate[0];
    func(&s);
    return s.n;
}

static void backward_run(void *data, size_t i, size_t n, char *const p[],
                         const ptrdiff_t step[])
{
    const HeRun *run = data;
    const HeGate *gate = run->node->params;
    real *d = (real *)p[0], slope[HE_CHUNK];
    const real *g = (const real *)p[1];
    (void)step;
    size_t k = backward_by_kernel(run, i, n, g, d);
    for (; k < n; k += HE_CHUNK) {
        size_t m = MIN(n - k, HE_CHUNK);
        he_gate_unpack(run->saved, i + k, m, gate->on, gate->off, slope);
        he_rule_apply(run->rule, m, slope, g + k);
        for (size_t j = 0; j < m; j++)
            d[k + j] = run->accumulate[0] ? d[k + j] + slope[j] : slope[j];
    }
}

void he_gate_backward(const HeRun *run)
{
    he_walk_tiles(run->pool, run->d_in[0], 2,
                  (const HeTensor *const[]){run->d_in[0], run->d_out[0]}, HE_WALK_BLOCK,
                  backward_run, (void *)run);
}
