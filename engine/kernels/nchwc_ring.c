/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "kernels/nchwc_ring.h"

#include "kernels/nchwc_shape.h"

#define CHUNK 28 /* pixels that are filled at once, at least, where a row has fewer */
#define ZEROS 1048576 /* pixels beside a row, at most, and a few times the row */

/* ---- shape ------------------------------------------------------------------------------------------- */

static const HeMmPart *part_of(const HeNchwcRing *ring, size_t i)
{
    return &he_nchwc_shape(ring->s, ring->is_backward, i)->blocks.part;
}

/* The row of the input that row Y of the result is counted from. */
static size_t base_of(const HeNchwcRing *ring, size_t y)
{
    return ring->is_backward ? y / ring->s->sy : y * ring->s->sy;
}

/* Rows and columns that all taps of all parts reach; none: zeros. */
static void reach_taps(HeNchwcRing *ring, gssize *from, gssize *past)
{
    gboolean is_first = TRUE;
    for (size_t i = 0; i < he_mm_n_parts(ring->s, ring->is_backward); i++) {
        const HeMmPart *part = part_of(ring, i);
        gssize end = (gssize)((MAX(part->grid.cols, 1) - 1) * part->grid.sx) + 1;
        for (size_t t = 0; t < part->n_taps; t++, is_first = FALSE) {
            const HeMmTap *tap = &part->tap[t];
            ring->first = is_first ? tap->y : MIN(ring->first, tap->y);
            ring->last = is_first ? tap->y : MAX(ring->last, tap->y);
            *from = MIN(*from, tap->x);
            *past = MAX(*past, tap->x + end);
        }
    }
}

gboolean he_nchwc_ring_init(HeNchwcRing *ring, const HeConv2d *s, gboolean is_backward)
{
    *ring = (HeNchwcRing){.s = s, .is_backward = is_backward};
    ring->h = is_backward ? s->oh : s->h;
    ring->w = is_backward ? s->ow : s->w;
    ring->rows = is_backward ? s->h : s->oh;
    ring->cols = is_backward ? s->w : s->ow;
    gssize from = 0, past = (gssize)ring->w;
    reach_taps(ring, &from, &past);
    ring->left = (size_t)-from;
    ring->width = ring->left + (size_t)past;
    ring->chunk = MAX(CHUNK / MAX(ring->w, 1), 1);
    ring->places = (size_t)(ring->last - ring->first) + ring->chunk;
    return ring->width - ring->w <= MIN(ZEROS, 4 * ring->w + 64) &&
           ring->places <= 4 * ring->h + 64;
}

static size_t row_inside(const HeNchwcRing *ring, gssize r)
{
    return (size_t)CLAMP(r, 0, (gssize)ring->h);
}

void he_nchwc_ring_reach(const HeNchwcRing *ring, size_t y, size_t end, size_t *from,
                         size_t *past)
{
    *from = row_inside(ring, (gssize)base_of(ring, y) + ring->first);
    *past = row_inside(ring, (gssize)base_of(ring, end - 1) + ring->last + 1);
}

/* ---- one row of the result --------------------------------------------------------------------------- */

/* Taps of one row of the kernel stand one behind another, equally far apart. */
static size_t taps_of_row(const HeMmPart *part)
{
    size_t n = 0;
    while (n < part->n_taps && part->tap[n].y == part->tap[0].y)
        n++;
    return n;
}

/* The rows that PART's taps see from BASE on, those outside left out; along a row from left to right. */
static void set_rows(const HeNchwcRing *ring, const HeMmPart *part, gssize base,
                     const float *memory, const float *w, HeNchwcDwRow *row, HeNchwcDw *d)
{
    size_t n = taps_of_row(part), left = 0;
    d->row = row;
    d->n_rows = 0;
    d->n_taps = n;
    if (n > 1) {
        const HeMmTap *a = &part->tap[0], *b = &part->tap[1];
        gssize sign = b->x < a->x ? -1 : 1;
        left = sign < 0 ? n - 1 : 0;
        d->x_step = sign * (b->x - a->x) * HE_NCHWC;
        d->w_step = sign * ((gssize)b->index - (gssize)a->index) * HE_NCHWC;
    }
    for (size_t t = 0; t < part->n_taps; t += n) {
        const HeMmTap *tap = &part->tap[t + left];
        gssize r = base + tap->y;
        if (r >= 0 && r < (gssize)ring->h)
            row[d->n_rows++] = (HeNchwcDwRow){
                memory + (gssize)he_nchwc_ring_place(ring, (size_t)r) + tap->x * HE_NCHWC,
                w + tap->index * HE_NCHWC};
    }
}

/* Row Y of block B + I. */
static void run_row(const HeNchwcRingRun *run, size_t i, size_t y)
{
    static const float none[HE_NCHWC];
    const HeNchwcRing *ring = run->ring;
    const HeConv2d *s = ring->s;
    const HeNchwcRun *r = run->r;
    HeNchwcDwRow row[HE_MM_TAPS];
    size_t b = run->b + i, step = ring->is_backward ? s->sx : 1;
    size_t sample = run->n * (ring->is_backward ? s->x_n : s->y_n);
    const float *start = r->accumulate ? NULL : r->bias ? r->bias + b * HE_NCHWC : none;
    HeNchwcDw d = {.start = start, .finish = r->finish, .channel = b * HE_NCHWC};
    for (size_t px = 0; px < step; px++) {
        size_t phase = ring->is_backward ? y % s->sy * s->sx + px : 0;
        const HeMmPart *part = part_of(ring, phase);
        d.stride = part->grid.sx;
        d.n = part->grid.cols;
        d.y_step = step;
        d.at = sample + ((b * ring->rows + y) * ring->cols + px) * HE_NCHWC;
        d.y = r->out + d.at;
        set_rows(ring, part, (gssize)base_of(ring, y),
                 run->memory + i * he_nchwc_ring_numbers(ring),
                 r->packed + b * s->kh * s->kw * HE_NCHWC, row, &d);
        run->set->row(&d);
    }
}

void he_nchwc_ring_run(const HeNchwcRingRun *run)
{
    const HeNchwcRing *ring = run->ring;
    size_t next, past, from, need;
    he_nchwc_ring_reach(ring, run->y, run->end, &next, &past);
    for (size_t y = run->y; y < run->end; y++) {
        he_nchwc_ring_reach(ring, y, y + 1, &from, &need);
        next = MAX(next, from);
        while (run->fill && next < need) {
            size_t end = MIN(next + ring->chunk, past);
            run->fill(run->data, next, end);
            next = end;
        }
        for (size_t i = 0; i < run->blocks; i++)
            run_row(run, i, y);
    }
}
