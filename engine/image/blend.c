/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* One layer over another as GIMP 2.10 and 3.0 do it for their default (not legacy) layer modes.
 *
 *   a = top alpha * opacity
 *   normal:   union;           out = (top a + below b (1 - a)) / (a + b - a b), in linear light
 *   others:   clip to backdrop; out = B(below, top) a + below (1 - a),          in linear light,
 *             alpha stays that of the backdrop
 *
 * B is computed on perceptual (R'G'B') or linear values as GIMP's table of modes says (blend space
 * "auto"). Results may leave 0..1, as in GIMP; whoever stores integers clips. */
#include <math.h>

#include "human-eye.h"
#include "image/transfer.h"

/* a / b without infinity: zero for a nothing over anything. */
static float safe_div(float a, float b)
{
    const float least = 1e-6f;
    return fabsf(a) > least ? CLAMP(a / b, -1 / least, 1 / least) : 0;
}

static float screen(float below, float top)
{
    return 1 - (1 - below) * (1 - top);
}
static float multiply(float below, float top)
{
    return below * top;
}
static float overlay(float below, float top)
{
    return below < 0.5f ? 2 * below * top : 1 - 2 * (1 - top) * (1 - below);
}
static float softlight(float below, float top)
{
    return (1 - below) * multiply(below, top) + below * screen(below, top);
}
static float hardlight(float below, float top)
{
    float v = top > 0.5f ? 1 - (1 - below) * (2 - 2 * top) : 2 * below * top;
    return MIN(v, 1);
}
static float addition(float below, float top)
{
    return below + top;
}
static float subtract(float below, float top)
{
    return below - top;
}
static float difference(float below, float top)
{
    return fabsf(below - top);
}
static float darken_only(float below, float top)
{
    return MIN(below, top);
}
static float lighten_only(float below, float top)
{
    return MAX(below, top);
}
static float grain_merge(float below, float top)
{
    return below + top - 0.5f;
}
static float grain_extract(float below, float top)
{
    return below - top + 0.5f;
}
static float dodge(float below, float top)
{
    return safe_div(below, 1 - top);
}
static float burn(float below, float top)
{
    return 1 - safe_div(1 - below, top);
}

static const struct {
    float (*mix)(float below, float top);
    gboolean is_linear; /* blend space */
} modes[] = {
    [HE_BLEND_MULTIPLY] = {multiply, TRUE},
    [HE_BLEND_SCREEN] = {screen, FALSE},
    [HE_BLEND_OVERLAY] = {overlay, FALSE},
    [HE_BLEND_SOFTLIGHT] = {softlight, FALSE},
    [HE_BLEND_HARDLIGHT] = {hardlight, FALSE},
    [HE_BLEND_ADDITION] = {addition, TRUE},
    [HE_BLEND_SUBTRACT] = {subtract, TRUE},
    [HE_BLEND_DIFFERENCE] = {difference, FALSE},
    [HE_BLEND_DARKEN_ONLY] = {darken_only, TRUE},
    [HE_BLEND_LIGHTEN_ONLY] = {lighten_only, TRUE},
    [HE_BLEND_GRAIN_MERGE] = {grain_merge, FALSE},
    [HE_BLEND_GRAIN_EXTRACT] = {grain_extract, FALSE},
    [HE_BLEND_DODGE] = {dodge, FALSE},
    [HE_BLEND_BURN] = {burn, FALSE},
};

/* A run of pixels that the top covers: both in linear light. */
#define RUN_PIXELS 64
typedef struct {
    float above[RUN_PIXELS * 4], below[RUN_PIXELS * 4];
} Run;

static void over(Run *run, size_t n, float strength)
{
    for (size_t i = 0; i < n * 4; i += 4) {
        const float *above = run->above + i;
        float *below = run->below + i;
        float a = above[3] * strength, b = below[3], sum = a + (1 - a) * b;
        for (size_t c = 0; c < 3; c++)
            below[c] = b > 0 ? below[c] + a / sum * (above[c] - below[c]) : above[c];
        below[3] = sum;
    }
}

/* What the mode makes of both, into TOP's place, in linear light. */
static void mix(const HeTransfer *t, Run *run, const float *top, const float *bottom,
                size_t n, HeBlend mode)
{
    float *mixed = run->above;
    const float *below = bottom;
    if (modes[mode].is_linear) {
        he_transfer_decode_pixels(t, top, mixed, n);
        top = mixed;
        below = run->below;
    }
    for (size_t i = 0; i < n * 4; i += 4) {
        for (size_t c = 0; c < 3; c++)
            mixed[i + c] = modes[mode].mix(below[i + c], top[i + c]);
        mixed[i + 3] = top[i + 3];
    }
    if (!modes[mode].is_linear)
        he_transfer_decode_pixels(t, mixed, mixed, n);
}

static void clip(Run *run, size_t n, float strength)
{
    for (size_t i = 0; i < n * 4; i += 4) {
        float a = run->above[i + 3] * strength;
        for (size_t c = 0; c < 3; c++)
            run->below[i + c] += a * (run->above[i + c] - run->below[i + c]);
    }
}

static void blend_run(const HeTransfer *t, const float *top, float *bottom, size_t n,
                      HeBlend mode, float strength)
{
    Run run;
    he_transfer_decode_pixels(t, bottom, run.below, n);
    if (mode == HE_BLEND_NORMAL) {
        he_transfer_decode_pixels(t, top, run.above, n);
        over(&run, n, strength);
    } else {
        mix(t, &run, top, bottom, n, mode);
        clip(&run, n, strength);
    }
    he_transfer_encode_pixels(t, run.below, bottom, n);
}

/* Elsewhere the very bytes stay as they were. */
static gboolean is_covered(const float *top, const float *bottom, HeBlend mode,
                           float strength)
{
    return top[3] * strength > 0 && (mode == HE_BLEND_NORMAL || bottom[3] > 0);
}

void he_blend_rows(const float *top, float *bottom, size_t n, HeBlend mode,
                   double opacity)
{
    const HeTransfer *t = he_transfer_get();
    float strength = (float)(CLAMP(opacity, 0, 100) / 100);
    size_t i = 0, end;
    while (i < n) {
        for (end = i; end < n && end < i + RUN_PIXELS &&
                      is_covered(top + end * 4, bottom + end * 4, mode, strength);)
            end++;
        if (end > i)
            blend_run(t, top + i * 4, bottom + i * 4, end - i, mode, strength);
        else
            end++;
        i = end;
    }
}
