/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* libcurl, opened when the first download asks for it: it and what it needs would cost every start of the
 * program 15 ms and 6 MB, and without it all but downloads works. */
#ifndef HE_CORE_CURL_H
#define HE_CORE_CURL_H

#include <curl/curl.h>
#include <gio/gio.h>

typedef struct {
    __typeof__(curl_easy_cleanup) *easy_cleanup;
    __typeof__(curl_easy_getinfo) *easy_getinfo;
    __typeof__(curl_easy_init) *easy_init;
    __typeof__(curl_easy_perform) *easy_perform;
    __typeof__(curl_easy_setopt) *easy_setopt;
    __typeof__(curl_easy_strerror) *easy_strerror;
    __typeof__(curl_global_init) *global_init;
} HeCurl;

/* The same for the whole process. NULL: it is not installed. */
const HeCurl *he_curl_get(GError **error);

#endif
