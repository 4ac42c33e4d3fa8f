/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A picture in memory, in the depth it was stored with, as rows for the engine. */
#ifndef HE_CLI_PICTURE_H
#define HE_CLI_PICTURE_H

#include "cli/input.h"

typedef struct CliPicture CliPicture;
struct CliPicture {
    HeSource source; /* first: read_rows gets it back */
    int depth;       /* 8 or 16: how a picture made from it is written */
    gboolean is_raw; /* bands without colours of their own (.npy) */
    char *recipe;    /* the recipe it carries, or NULL */
    char *note;      /* to be said aloud, or NULL */
    void (*clear)(CliPicture *self);
};

/* A PNG or a .npy; "-" is standard input. Every other kind is an error that names it. */
CliPicture *cli_picture_open(const char *path, GError **error);
/* The same on a thread of its own, while other work is done; PATH is copied. finish waits for it and frees it. */
typedef struct CliOpening CliOpening;
CliOpening *cli_picture_start(const char *path);
CliPicture *cli_picture_finish(CliOpening *opening, GError **error);
void cli_picture_free(CliPicture *picture);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CliPicture, cli_picture_free)

#endif
