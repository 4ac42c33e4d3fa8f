/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The fit rules. Each says how large the looked-at rectangle becomes (resized) and where it stands over
 * the tensor; the box that the tensor sees and the affine map follow:
 *
 *   u_edge = x_edge * scale + offset,  scale = resized / looked-at,  u_edge = u_centre + 0.5
 *
 * stretch  both sides to the tensor's.
 * crop     as small as covers size / CropFraction, then the centre is cut. Sizes and offsets are rounded
 *          as torchvision and timm do it (short side floor, long side floor, offset to even), so that
 *          the tensor equals theirs.
 * pad      as large as fits into the tensor, centred.
 * aspect   short side to the tensor's, the other to a multiple of 32, for networks of any size. */
#include "image/view.h"

#include <math.h>

#include "core/limits.h"

#define STRIDE 32 /* total stride of nearly all classifiers */
#define MAX_ASPECT                                                                       \
    32 /* beyond it a tensor of this fit would be a strip that no network knows */

typedef struct {
    int w, h; /* the looked-at rectangle becomes w x h ... */
    int x, y; /* ... with its corner here in the tensor */
} Resized;

static gboolean clip_look(const double look[4], int source_w, int source_h,
                          double clipped[4], GError **error)
{
    if (look[2] == 0 && look[3] == 0) {
        clipped[0] = clipped[1] = 0;
        clipped[2] = source_w;
        clipped[3] = source_h;
        return TRUE;
    }
    double x0 = MAX(look[0], 0), x1 = MIN(look[0] + look[2], source_w);
    double y0 = MAX(look[1], 0), y1 = MIN(look[1] + look[3], source_h);
    if (!(look[2] > 0) || !(look[3] > 0) || !(x1 > x0) || !(y1 > y0) ||
        !isfinite(look[0] + look[1] + look[2] + look[3])) {
        g_set_error(
            error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT,
            "the part to look at, %g x %g at (%g, %g), does not overlap the picture "
            "of %d x %d pixels",
            look[2], look[3], look[0], look[1], source_w, source_h);
        return FALSE;
    }
    clipped[0] = x0;
    clipped[1] = y0;
    clipped[2] = x1 - x0;
    clipped[3] = y1 - y0;
    return TRUE;
}

static int floor_at_least(double value, int least)
{
    return value > least ? (int)value : least;
}

/* Python's round(n / 2), halves to even, as CenterCrop has it. */
static int half(int n)
{
    return (int)nearbyint(n / 2.0);
}

static Resized fit_crop(const HeDescriptor *d, double w, double h)
{
    double fraction = d->crop_fraction > 0 ? d->crop_fraction : 1;
    /* a hair more, so that 0.9 of 288 is 320 and not 319 */
    int cover_w = floor_at_least(d->width / fraction + 1e-6, d->width);
    int cover_h = floor_at_least(d->height / fraction + 1e-6, d->height);
    Resized r;
    if (cover_w * h >= cover_h * w) {
        r.w = cover_w;
        r.h = floor_at_least(h * cover_w / w, cover_h);
    } else {
        r.h = cover_h;
        r.w = floor_at_least(w * cover_h / h, cover_w);
    }
    r.x = -half(r.w - d->width);
    r.y = -half(r.h - d->height);
    return r;
}

static Resized fit_pad(const HeDescriptor *d, double w, double h)
{
    double scale = MIN(d->width / w, d->height / h);
    Resized r;
    r.w = CLAMP((int)floor(w * scale + 0.5), 1, d->width);
    r.h = CLAMP((int)floor(h * scale + 0.5), 1, d->height);
    r.x = (d->width - r.w) / 2;
    r.y = (d->height - r.h) / 2;
    return r;
}

static gboolean fit_aspect(const HeDescriptor *d, double w, double h, Resized *r,
                           GError **error)
{
    if (!d->is_size_free) {
        g_set_error(
            error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT,
            "fit aspect: the network takes pictures of %d x %d only; use stretch, crop "
            "or pad",
            d->width, d->height);
        return FALSE;
    }
    double ratio = MAX(w, h) / MIN(w, h);
    if (ratio > MAX_ASPECT) {
        g_set_error(
            error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT,
            "fit aspect: the part to look at is %g x %g, more than %d times longer than "
            "wide; use stretch, crop or pad",
            w, h, MAX_ASPECT);
        return FALSE;
    }
    int side = MIN(d->width, d->height);
    int other = MAX((int)floor(side * ratio / STRIDE + 0.5), 1) * STRIDE;
    if (ratio == 1)
        other = side;
    r->w = w > h ? other : side;
    r->h = w > h ? side : other;
    r->x = r->y = 0;
    return TRUE;
}

/* One axis: what of [look, look + size) the tensor's [0, tensor) sees when it becomes `resized` long with
 * its start at `at`. */
static void place_axis(double look, double size, int resized, int at, int tensor,
                       double *box, double *box_size, double *scale, double *offset,
                       int *out, int *out_size)
{
    int from = MAX(at, 0), to = MIN(at + resized, tensor);
    *box = look + (from - at) * size / resized;
    *box_size = (to - from) * size / resized;
    *scale = resized / size;
    *offset = at - look * *scale;
    *out = from;
    *out_size = to - from;
}

static gboolean check_sizes(const HeDescriptor *d, int source_w, int source_h,
                            GError **error)
{
    if (source_w < 1 || source_h < 1 || source_w > HE_MAX_SIDE ||
        source_h > HE_MAX_SIDE) {
        g_set_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT,
                    "a picture of %d x %d pixels: each side must be 1 to %d", source_w,
                    source_h, HE_MAX_SIDE);
        return FALSE;
    }
    if (d->width < 1 || d->height < 1 || d->width > HE_MAX_SIDE ||
        d->height > HE_MAX_SIDE) {
        g_set_error(
            error, HE_ERROR, HE_ERROR_UNSUPPORTED,
            "the network's input is %d x %d: each side must be 1 to %d; state Size=HxW in "
            "its descriptor",
            d->height, d->width, HE_MAX_SIDE);
        return FALSE;
    }
    return TRUE;
}

gboolean he_view_place(const HeDescriptor *descriptor, int source_w, int source_h,
                       const double look[4], int fit, HePlacement *out, GError **error)
{
    const HeDescriptor *d = descriptor;
    double part[4];
    if (!check_sizes(d, source_w, source_h, error) ||
        !clip_look(look, source_w, source_h, part, error))
        return FALSE;

    HePlacement p = {0};
    HeView *v = &p.view;
    Resized r = {.w = d->width, .h = d->height};
    v->fit = fit < 0 ? d->fit : (HeFit)fit;
    switch (v->fit) {
    case HE_FIT_STRETCH:
        break;
    case HE_FIT_CROP:
        r = fit_crop(d, part[2], part[3]);
        break;
    case HE_FIT_PAD:
        r = fit_pad(d, part[2], part[3]);
        break;
    case HE_FIT_ASPECT:
        if (!fit_aspect(d, part[2], part[3], &r, error))
            return FALSE;
        break;
    default:
        g_set_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT, "fit %d: no such rule",
                    fit);
        return FALSE;
    }
    v->filter = d->filter;
    v->tensor_w = v->fit == HE_FIT_ASPECT ? r.w : d->width;
    v->tensor_h = v->fit == HE_FIT_ASPECT ? r.h : d->height;
    v->source_w = source_w;
    v->source_h = source_h;
    place_axis(part[0], part[2], r.w, r.x, v->tensor_w, &v->x, &v->w, &v->scale_x,
               &v->offset_x, &p.out_x, &p.out_w);
    place_axis(part[1], part[3], r.h, r.y, v->tensor_h, &v->y, &v->h, &v->scale_y,
               &v->offset_y, &p.out_y, &p.out_h);
    p.limit_x = (int)floor(part[0]);
    p.limit_y = (int)floor(part[1]);
    p.limit_w = MIN((int)ceil(part[0] + part[2]), source_w) - p.limit_x;
    p.limit_h = MIN((int)ceil(part[1] + part[3]), source_h) - p.limit_y;
    *out = p;
    return TRUE;
}
