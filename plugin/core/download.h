/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* One file from the network (http, https) or from a folder (file), whose size and SHA-256 are known
 * beforehand. It is gathered in a .part file; only what has the right sum gets its name. Nothing else of
 * the project touches the network, and this only when a person asks for a file. */
#ifndef HE_CORE_DOWNLOAD_H
#define HE_CORE_DOWNLOAD_H

#include "human-eye.h"

#define HE_DOWNLOAD_STALL_SECONDS 30

typedef struct {
    const char *const *urls; /* mirrors, tried in this order; NULL-terminated */
    gint64 bytes;
    const char *sha256;
    const char
        *part; /* what came stays there when a transfer breaks off, and is gone on with */
    int stall_seconds; /* without a byte, until a mirror is given up; 0: as above */
} HeDownload;

/* Brings it to PATH, on PART's file system. The error says of each mirror what was wrong. */
gboolean he_download(const HeDownload *download, const char *path, const HeTask *task,
                     GError **error);

#endif
