/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What kind of file a picture is, by its first bytes. */
#include <string.h>

#include "cli/npy.h"
#include "cli/picture.h"
#include "cli/png.h"

typedef struct {
    size_t at;
    const char *bytes;
    size_t n;
    const char *kind;
} Magic;

#define MAGIC(at, bytes, kind)                                                           \
    {                                                                                    \
        at, bytes, sizeof bytes - 1, kind                                                \
    }
static const Magic others[] = {
    MAGIC(0, "\xff\xd8\xff", "a JPEG"),
    MAGIC(0, "GIF8", "a GIF"),
    MAGIC(8, "WEBP", "a WebP picture"),
    MAGIC(0, "II*\0", "a TIFF"),
    MAGIC(0, "MM\0*", "a TIFF"),
    MAGIC(0, "BM", "a BMP"),
    MAGIC(0, "8BPS", "a Photoshop file"),
    MAGIC(0, "gimp xcf", "a GIMP file (XCF)"),
    MAGIC(4, "ftypavif", "an AVIF picture"),
    MAGIC(4, "ftyphei", "a HEIF picture"),
    MAGIC(0, "\x76\x2f\x31\x01", "an OpenEXR picture"),
};

static gboolean has_magic(const CliInput *input, size_t at, const char *bytes, size_t n)
{
    return input->n_head >= at + n && memcmp(input->head + at, bytes, n) == 0;
}

CliPicture *cli_picture_open(const char *path, GError **error)
{
    g_autoptr(CliInput) input = cli_input_open(path, error);
    if (!input)
        return NULL;
    if (has_magic(input, 0, "\x89PNG", 4))
        return cli_png_read(input, error);
    if (has_magic(input, 0, "\x93NUMPY", 6))
        return cli_npy_read_picture(input, error);
    for (size_t i = 0; i < G_N_ELEMENTS(others); i++) {
        if (has_magic(input, others[i].at, others[i].bytes, others[i].n)) {
            cli_input_error(input, error, "%s; open it in GIMP or convert it to PNG",
                            others[i].kind);
            return NULL;
        }
    }
    cli_input_error(input, error, "neither a PNG nor a .npy file");
    return NULL;
}

struct CliOpening {
    char *path;
    GThread *thread; /* NULL: there was none to be had */
    CliPicture *picture;
    GError *error;
};

static void *open_picture(void *data)
{
    CliOpening *opening = data;
    opening->picture = cli_picture_open(opening->path, &opening->error);
    return NULL;
}

CliOpening *cli_picture_start(const char *path)
{
    CliOpening *opening = g_new0(CliOpening, 1);
    opening->path = g_strdup(path);
    opening->thread = g_thread_try_new("picture", open_picture, opening, NULL);
    return opening;
}

CliPicture *cli_picture_finish(CliOpening *opening, GError **error)
{
    if (opening->thread)
        g_thread_join(opening->thread);
    else
        open_picture(opening);
    CliPicture *picture = opening->picture;
    if (!picture)
        g_propagate_error(error, opening->error);
    g_free(opening->path);
    g_free(opening);
    return picture;
}

void cli_picture_free(CliPicture *picture)
{
    if (!picture)
        return;
    if (picture->clear)
        picture->clear(picture);
    g_free(picture->recipe);
    g_free(picture->note);
    g_free(picture);
}
