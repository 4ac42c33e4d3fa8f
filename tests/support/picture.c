/* SPDX-License-Identifier: LGPL-3.0-or-later */
#include "tests/support/picture.h"

#include <png.h>
#include <string.h>

static gboolean read_rows(HeSource *self, HeEncoding encoding, int y, int n, float *out,
                          GError **error)
{
    Picture *picture = (Picture *)self;
    size_t step = (size_t)(self->channels + self->has_alpha);
    size_t row = (size_t)self->width * step;
    (void)error;
    g_assert_true(y >= 0 && n > 0 && y + n <= self->height);
    picture->n_readings += y == 0;
    memcpy(out, picture->samples + row * (size_t)y, row * (size_t)n * sizeof *out);
    for (size_t i = 0; encoding != HE_ENCODING_RAW && i < row * (size_t)n; i++)
        if (!self->has_alpha || i % step != step - 1)
            out[i] /= (float)self->full_scale;
    return TRUE;
}

Picture *picture_new(int width, int height, int channels, gboolean has_alpha,
                     double full_scale)
{
    Picture *picture = g_new0(Picture, 1);
    size_t step = (size_t)(channels + has_alpha), n = (size_t)width * (size_t)height;
    picture->source = (HeSource){.width = width,
                                 .height = height,
                                 .channels = channels,
                                 .has_alpha = has_alpha,
                                 .full_scale = full_scale,
                                 .read_rows = read_rows};
    picture->samples = g_new0(float, n *step);
    for (size_t i = 0; has_alpha && i < n; i++)
        picture->samples[i * step + step - 1] = 1;
    return picture;
}

Picture *picture_load(const char *path)
{
    png_image image = {.version = PNG_IMAGE_VERSION};
    if (!png_image_begin_read_from_file(&image, path))
        g_error("%s: %s", path, image.message);
    image.format = PNG_FORMAT_RGB;
    g_autofree guint8 *bytes = g_malloc(PNG_IMAGE_SIZE(image));
    if (!png_image_finish_read(&image, NULL, bytes, 0, NULL))
        g_error("%s: %s", path, image.message);
    Picture *picture = picture_new((int)image.width, (int)image.height, 3, FALSE, 255);
    for (size_t i = 0; i < PNG_IMAGE_SIZE(image); i++)
        picture->samples[i] = bytes[i];
    return picture;
}

void picture_free(Picture *picture)
{
    if (!picture)
        return;
    g_free(picture->samples);
    g_free(picture);
}
