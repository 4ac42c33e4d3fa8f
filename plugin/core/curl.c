/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* libcurl by GModule. */
#include "plugin/core/curl.h"

#include <gmodule.h>

#include "human-eye.h"

static gboolean find(GModule *module, const char *name, gpointer where)
{
    return g_module_symbol(module, name, where);
}

static gboolean fill(HeCurl *curl, GModule *module)
{
    return find(module, "curl_easy_cleanup", (gpointer)&curl->easy_cleanup) &&
           find(module, "curl_easy_getinfo", (gpointer)&curl->easy_getinfo) &&
           find(module, "curl_easy_init", (gpointer)&curl->easy_init) &&
           find(module, "curl_easy_perform", (gpointer)&curl->easy_perform) &&
           find(module, "curl_easy_setopt", (gpointer)&curl->easy_setopt) &&
           find(module, "curl_easy_strerror", (gpointer)&curl->easy_strerror) &&
           find(module, "curl_global_init", (gpointer)&curl->global_init) &&
           curl->global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

/* It stays open until the process ends. */
static const HeCurl *open_library(void)
{
    static const char *const names[] = {"libcurl.so.4", "libcurl-gnutls.so.4",
                                        "libcurl.4.dylib", "libcurl-4.dll"};
    static HeCurl curl;

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        GModule *module = g_module_open(names[i], G_MODULE_BIND_LAZY);
        if (module && fill(&curl, module)) {
            g_module_make_resident(module);
            return &curl;
        }
        if (module)
            g_module_close(module);
    }
    return NULL;
}

static gpointer open_once(gpointer unused)
{
    (void)unused;
    return (gpointer)open_library();
}

const HeCurl *he_curl_get(GError **error)
{
    static GOnce once = G_ONCE_INIT;
    const HeCurl *curl = g_once(&once, open_once, NULL);

    if (!curl)
        g_set_error(error, HE_ERROR, HE_ERROR_UNSUPPORTED,
                    "downloads need libcurl, which is not installed (Debian: libcurl4)");
    return curl;
}
