/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "support/inputs.h"

#include <math.h>
#include <string.h>

static gboolean read_rows(HeSource *source, HeEncoding encoding, int y, int n, float *out,
                          GError **error)
{
    InputsPicture *p = (InputsPicture *)source;
    (void)error;
    g_assert_true(n > 0 && y >= p->next && y + n <= source->height);
    size_t row = (size_t)source->width * (source->channels + (source->has_alpha ? 1 : 0));
    memcpy(out, p->samples + (size_t)y * row, row * n * sizeof(float));
    p->asked = encoding;
    p->next = y + n;
    return TRUE;
}

InputsPicture inputs_picture(const float *samples, int w, int h, int channels,
                             gboolean has_alpha)
{
    return (InputsPicture){.source = {.width = w,
                                      .height = h,
                                      .channels = channels,
                                      .has_alpha = has_alpha,
                                      .full_scale = 255,
                                      .read_rows = read_rows},
                           .samples = samples};
}

char *inputs_rgb[] = {(char *)"R", (char *)"G", (char *)"B", NULL};
char *inputs_luma[] = {(char *)"Y", NULL};
static double zeros[] = {0, 0, 0, 0}, ones[] = {1, 1, 1, 1};

HeModel inputs_model(char **channels, int width, int height)
{
    HeDescriptor d = {.channels = channels,
                      .n_channels = (int)g_strv_length(channels),
                      .width = width,
                      .height = height,
                      .mean = zeros,
                      .std = ones,
                      .scale = 1,
                      .crop_fraction = 1,
                      .fit = HE_FIT_STRETCH,
                      .filter = HE_FILTER_BICUBIC,
                      .antialias = TRUE,
                      .is_background_mean = TRUE};
    return (HeModel){.descriptor = d};
}

HeInput *inputs_made(const HeModel *m, InputsPicture *p, const HeLook *look)
{
    g_autoptr(GError) error = NULL;
    p->next = 0;
    HeInput *input = he_input_new(m, &p->source, look, NULL, &error);
    g_assert_no_error(error);
    return input;
}

void inputs_refused(const HeModel *m, InputsPicture *p, const HeLook *look,
                    HeErrorCode code, const char *says)
{
    g_autoptr(GError) error = NULL;
    p->next = 0;
    g_assert_null(he_input_new(m, &p->source, look, NULL, &error));
    g_assert_error(error, HE_ERROR, (int)code);
    if (!strstr(error->message, says))
        g_error("\"%s\" does not say \"%s\"", error->message, says);
}

void inputs_tensor_is(const HeInput *input, const float *expected, size_t n, float within)
{
    const float *t = input->tensor.data;
    for (size_t i = 0; i < n; i++)
        if (!(fabsf(t[i] - expected[i]) <= within))
            g_error("tensor[%zu] is %.9g, not %.9g", i, t[i], expected[i]);
}

float *inputs_noise(size_t n)
{
    float *out = g_new(float, n);
    for (size_t i = 0; i < n; i++)
        out[i] = (float)(i * 2654435761u % 1009) / 1008;
    return out;
}
