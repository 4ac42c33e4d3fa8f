/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A folder for one test's files, gone with scratch_free. */
#ifndef TESTS_SCRATCH_H
#define TESTS_SCRATCH_H

#include <glib.h>

typedef struct {
    char *folder;
    GPtrArray *paths;
} Scratch;

Scratch *scratch_new(void);
/* The path of NAME inside it; borrowed. The file is removed at the end if it is there then. */
const char *scratch_path(Scratch *scratch, const char *name);
/* Writes N bytes; -1: TEXT is a string. Returns the path, borrowed. */
const char *scratch_write(Scratch *scratch, const char *name, const void *text, gssize n);
void scratch_free(Scratch *scratch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Scratch, scratch_free)

#endif
