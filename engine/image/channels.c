/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Which sample of the picture is which channel of the network, what is seen through transparency, and
 *
 *   u = (v - low) / (high - low),  t = (scale * u - mean) / std
 *
 * Transparency: v = shown + alpha * (v - shown), before resampling. As resampling is linear this is what
 * premultiplying, resampling, dividing and laying over the background gives, and it is exactly what the
 * flattened twin of the picture gives. `shown` = mean makes t = 0. */
#include "image/channels.h"

#include <math.h>
#include <string.h>

#include "image/transfer.h"

static const double grey_weights[][3] = {
    [HE_GREY_601] = {0.299, 0.587, 0.114},
    [HE_GREY_709] = {0.2126, 0.7152, 0.0722},
    [HE_GREY_FIRST] = {1, 0, 0},
};

static int find_name(char *const *names, int n, const char *name)
{
    for (int i = 0; i < n && names && names[i]; i++)
        if (!strcmp(names[i], name))
            return i;
    return -1;
}

/* Index of "R", "G", "B"; -1 for any other name. */
static int colour_index(const char *name)
{
    static char *const rgb[] = {"R", "G", "B", NULL};
    return find_name(rgb, 3, name);
}

static gboolean is_luma(const HeDescriptor *d)
{
    return d->n_channels == 1 && !strcmp(d->channels[0], "Y");
}

static gboolean is_colour(const HeDescriptor *d)
{
    for (int c = 0; c < d->n_channels; c++)
        if (colour_index(d->channels[c]) < 0)
            return FALSE;
    return TRUE;
}

static char *names_text(char *const *names, int n)
{
    GString *text = g_string_new(NULL);
    for (int i = 0; i < n && names && names[i]; i++)
        g_string_append_printf(text, "%s%s", i ? ";" : "", names[i]);
    return g_string_free(text, FALSE);
}

static gboolean refuse(const HeDescriptor *d, const HeSource *source, GError **error)
{
    g_autofree char *wants = names_text(d->channels, d->n_channels);
    g_autofree char *has = names_text(source->bands, source->channels);
    g_set_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT,
                "the network takes %d channel%s (%s), the picture has %d%s%s%s",
                d->n_channels, d->n_channels == 1 ? "" : "s", wants, source->channels,
                *has ? " (" : "", has, *has ? ")" : "");
    return FALSE;
}

static gboolean match_samples(HeChannels *self, const HeDescriptor *d,
                              const HeSource *source, GError **error)
{
    gboolean by_name = TRUE;
    for (int c = 0; c < d->n_channels; c++) {
        self->sample[c] = find_name(source->bands, source->channels, d->channels[c]);
        by_name = by_name && self->sample[c] >= 0;
    }
    if (by_name)
        return TRUE;
    if (is_luma(d) && (source->channels == 1 || source->channels == 3)) {
        self->sample[0] = source->channels == 1 ? 0 : -1;
        return TRUE;
    }
    if (is_colour(d) && (source->channels == 1 || source->channels == 3)) {
        for (int c = 0; c < d->n_channels; c++)
            self->sample[c] = source->channels == 1 ? 0 : colour_index(d->channels[c]);
        return TRUE;
    }
    if (source->bands || is_luma(d) || is_colour(d) || source->channels != d->n_channels)
        return refuse(d, source, error);
    for (int c = 0; c < d->n_channels; c++)
        self->sample[c] = c;
    return TRUE;
}

/* "#rrggbb" into 0..1. */
static gboolean parse_colour(const char *text, double rgb[3])
{
    if (strlen(text) != 7 || text[0] != '#')
        return FALSE;
    for (int c = 0; c < 3; c++) {
        int high = g_ascii_xdigit_value(text[1 + 2 * c]);
        int low = g_ascii_xdigit_value(text[2 + 2 * c]);
        if (high < 0 || low < 0)
            return FALSE;
        rgb[c] = (high * 16 + low) / 255.0;
    }
    return TRUE;
}

static gboolean find_background(const HeDescriptor *d, const char *text,
                                gboolean *is_mean, double rgb[3], GError **error)
{
    *is_mean = text ? !strcmp(text, "mean") : d->is_background_mean;
    if (*is_mean)
        return TRUE;
    if (!text) {
        memcpy(rgb, d->background, sizeof d->background);
    } else if (!parse_colour(text, rgb)) {
        g_set_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT,
                    "background \"%s\": expected mean or #rrggbb", text);
        return FALSE;
    }
    if (d->encoding == HE_ENCODING_RAW || !(is_luma(d) || is_colour(d))) {
        g_set_error(
            error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT,
            "background: a network of raw numbers or named bands has no colours; the "
            "background must be mean");
        return FALSE;
    }
    return TRUE;
}

static double colour_value(const HeChannels *self, const HeDescriptor *d, int channel,
                           const double rgb[3])
{
    double v[3];
    for (int c = 0; c < 3; c++)
        v[c] = d->encoding == HE_ENCODING_LINEAR ? he_srgb_to_linear(rgb[c]) : rgb[c];
    if (is_luma(d))
        return self->mix[0] * v[0] + self->mix[1] * v[1] + self->mix[2] * v[2];
    return v[colour_index(d->channels[channel])];
}

static gboolean set_background(HeChannels *self, const HeDescriptor *d, const char *text,
                               GError **error)
{
    double rgb[3];
    gboolean is_mean;
    if (!find_background(d, text, &is_mean, rgb, error))
        return FALSE;
    for (int c = 0; c < self->n; c++) {
        if (is_mean) {
            self->shown[c] = self->low + d->mean[c] / d->scale * self->span;
            self->padded[c] = 0;
        } else {
            self->shown[c] = colour_value(self, d, c, rgb);
            self->padded[c] = he_channels_normalise(self, c, self->shown[c]);
        }
    }
    return TRUE;
}

/* Range is in stored numbers; read_rows gives these only when the encoding is raw. */
static gboolean set_range(HeChannels *self, const HeDescriptor *d, const HeSource *source,
                          GError **error)
{
    double full = source->full_scale > 0 ? source->full_scale : 1;
    gboolean is_raw = d->encoding == HE_ENCODING_RAW;
    double low = d->has_range ? d->range[0] : 0, high = d->has_range ? d->range[1] : full;
    self->low = is_raw ? low : low / full;
    self->span = (is_raw ? high : high / full) - self->low;
    gboolean is_good = isfinite(self->low) && isfinite(self->span) && self->span != 0 &&
                       isfinite(d->scale) && d->scale > 0;
    for (int c = 0; c < d->n_channels; c++)
        is_good =
            is_good && isfinite(d->mean[c]) && isfinite(d->std[c]) && d->std[c] != 0;
    if (!is_good)
        g_set_error(
            error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT,
            "the network's Range, Scale, Mean and Std must be finite, Range not empty and "
            "Std not zero");
    return is_good;
}

gboolean he_channels_init(HeChannels *channels, const HeDescriptor *descriptor,
                          const HeSource *source, const char *background, GError **error)
{
    const HeDescriptor *d = descriptor;
    HeChannels self = {
        .n = d->n_channels, .scale = d->scale, .mean = d->mean, .std = d->std};
    self.n_samples = source->channels + (source->has_alpha ? 1 : 0);
    self.alpha = source->has_alpha ? source->channels : -1;
    memcpy(self.mix, grey_weights[d->grey], sizeof self.mix);
    self.sample = g_new0(int, (size_t)self.n);
    self.shown = g_new0(double, (size_t)self.n);
    self.padded = g_new0(double, (size_t)self.n);
    if (!match_samples(&self, d, source, error) || !set_range(&self, d, source, error) ||
        !set_background(&self, d, background, error)) {
        he_channels_clear(&self);
        return FALSE;
    }
    *channels = self;
    return TRUE;
}

void he_channels_clear(HeChannels *channels)
{
    g_clear_pointer(&channels->sample, g_free);
    g_clear_pointer(&channels->shown, g_free);
    g_clear_pointer(&channels->padded, g_free);
}

double he_channels_normalise(const HeChannels *channels, int channel, double v)
{
    double u = (v - channels->low) / channels->span;
    return (channels->scale * u - channels->mean[channel]) / channels->std[channel];
}

static void pick_mix(const HeChannels *self, const float *in, size_t n, float *out)
{
    double r = self->mix[0], g = self->mix[1], b = self->mix[2];
    for (size_t i = 0; i < n; i++, in += self->n_samples)
        out[i] = (float)(r * (double)in[0] + g * (double)in[1] + b * (double)in[2]);
}

/* Fully transparent pixels may hold anything, NaN included; a NaN in alpha stays one. */
static void show_background(const HeChannels *self, const float *in, size_t n, float *out)
{
    for (size_t i = 0; i < n; i++) {
        float alpha = in[i * (size_t)self->n_samples + (size_t)self->alpha];
        if (alpha >= 1)
            continue;
        float *pixel = out + i * (size_t)self->n;
        for (int c = 0; c < self->n; c++) {
            double shown = self->shown[c];
            pixel[c] = alpha <= 0
                           ? (float)shown
                           : (float)(shown + (double)alpha * ((double)pixel[c] - shown));
        }
    }
}

gboolean he_channels_are_samples(const HeChannels *channels)
{
    gboolean is_same = channels->n == channels->n_samples && channels->alpha < 0;
    for (int c = 0; is_same && c < channels->n; c++)
        is_same = channels->sample[c] == c;
    return is_same;
}

void he_channels_pick(const HeChannels *channels, const float *in, size_t n, float *out)
{
    const HeChannels *self = channels;
    size_t n_out = (size_t)self->n, n_in = (size_t)self->n_samples;
    for (int c = 0; c < self->n; c++) {
        if (self->sample[c] < 0) {
            pick_mix(self, in, n, out);
            continue;
        }
        const float *from = in + self->sample[c];
        float *to = out + c;
        for (size_t i = 0; i < n; i++)
            to[i * n_out] = from[i * n_in];
    }
    if (self->alpha >= 0)
        show_background(self, in, n, out);
}
