/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Operators with a hard gate: y = f(x), and the way back knows one bit per element, whether x was inside
 * the gate LOW < x < HIGH (strict). Forward writes the bits into run->saved; backward is
 *
 *   d = g * (inside ? on : off)      guided: max(g, 0) max(slope, 0)      deconv: max(g, 0) */
#ifndef HE_OPS_GATE_H
#define HE_OPS_GATE_H

#include "ops/grad.h"

typedef struct {
    real low, high;
    /* y of n elements; x and y may be the same memory. K is the operator's constants. */
    void (*value)(const real *k, size_t n, const real *x, real *y);
    real k[2];
    real on, off; /* slopes */
} HeGate;

/* Takes a copy of GATE as the node's params and infers the output like input 0. */
gboolean HE_REAL(he_gate_infer)(HeNode *node, const HeGate *gate, GError **error);
gboolean HE_REAL(he_gate_forward)(const HeRun *run, GError **error);
void HE_REAL(he_gate_backward)(const HeRun *run);
size_t HE_REAL(he_gate_saved_bytes)(const HeNode *node);
#define he_gate_infer       HE_REAL(he_gate_infer)
#define he_gate_forward     HE_REAL(he_gate_forward)
#define he_gate_backward    HE_REAL(he_gate_backward)
#define he_gate_saved_bytes HE_REAL(he_gate_saved_bytes)

/* Packs low < x < high of elements I .. I + N - 1 of a tensor; runs come in order inside a tile, and I of a
 * tile's first run is a multiple of 8. */
void HE_REAL(he_gate_pack)(guint8 *bits, size_t i, size_t n, const real *x, real low,
                           real high);
/* slope[k] = bit I + k ? on : off */
void HE_REAL(he_gate_unpack)(const guint8 *bits, size_t i, size_t n, real on, real off,
                             real *slope);
#define he_gate_pack   HE_REAL(he_gate_pack)
#define he_gate_unpack HE_REAL(he_gate_unpack)

#endif
