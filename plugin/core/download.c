/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Downloads: mirrors in their order, a broken transfer resumed, the sum checked before the name is given. */
#include "plugin/core/download.h"

#include <string.h>

#include "plugin/core/curl.h"
#include "plugin/core/mirror.h"
#include "plugin/core/part.h"

#define MAX_REDIRECTS 8
#define MAX_ATTEMPTS  5 /* at one mirror, while each brings something */

typedef struct {
    const HeDownload *download;
    const HeTask *task;
    const HeCurl *curl;
    CURL *easy;
    HePart part;
    gint64 resumed_at;    /* where this transfer began */
    gboolean is_answered; /* its first bytes came */
    gboolean is_junk;     /* what came cannot be the file's beginning */
    gboolean is_disk_ill; /* it could not be written: a full disk is not left full */
    GError *error;        /* of a callback; owned */
    char said[CURL_ERROR_SIZE]; /* by libcurl, of this transfer */
} Transfer;

/* ---- callbacks --------------------------------------------------------------------------------------- */

static gboolean check_length(Transfer *t, gint64 n)
{
    if (n <= t->download->bytes)
        return TRUE;
    t->is_junk = TRUE;
    g_set_error(&t->error, HE_ERROR, HE_ERROR_IO,
                "it sends more than the %" G_GINT64_FORMAT " bytes that it should have",
                t->download->bytes);
    return FALSE;
}

/* What the server says the whole will be, before anything of it is kept. */
static gboolean check_answer(Transfer *t)
{
    curl_off_t stated = -1;

    t->is_answered = TRUE;
    t->curl->easy_getinfo(t->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &stated);
    if (stated < 0 || t->resumed_at + stated == t->download->bytes)
        return TRUE;
    g_set_error(&t->error, HE_ERROR, HE_ERROR_IO,
                "its file has %" G_GINT64_FORMAT " bytes, expected %" G_GINT64_FORMAT,
                t->resumed_at + (gint64)stated, t->download->bytes);
    return FALSE;
}

static size_t on_bytes(char *bytes, size_t size, size_t n, void *data)
{
    Transfer *t = data;
    size_t total = size * n;

    if ((!t->is_answered && !check_answer(t)) ||
        !check_length(t, t->part.size + (gint64)total))
        return 0;
    if (he_part_write(&t->part, bytes, total, &t->error))
        return total;
    t->is_disk_ill = TRUE;
    return 0;
}

static int on_progress(void *data, curl_off_t total, curl_off_t now, curl_off_t up_total,
                       curl_off_t up)
{
    const Transfer *t = data;
    const HeTask *task = t->task;

    (void)total, (void)now, (void)up_total, (void)up;
    if (task && task->progress)
        task->progress((double)t->part.size / (double)t->download->bytes,
                       task->user_data);
    return task && g_cancellable_is_cancelled(task->cancellable);
}

/* ---- one transfer ------------------------------------------------------------------------------------ */

static void set_protocols(const HeCurl *curl, CURL *easy)
{
#if LIBCURL_VERSION_NUM >= 0x075500
    curl->easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https,file");
    curl->easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
#else
    curl->easy_setopt(easy, CURLOPT_PROTOCOLS,
                      (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS | CURLPROTO_FILE));
    curl->easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS,
                      (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
}

static void set_options(Transfer *t, const char *url)
{
    const HeCurl *curl = t->curl;
    int seconds = t->download->stall_seconds;
    long stall = seconds > 0 ? seconds : HE_DOWNLOAD_STALL_SECONDS;

    set_protocols(curl, t->easy);
    curl->easy_setopt(t->easy, CURLOPT_URL, url);
    curl->easy_setopt(t->easy, CURLOPT_ERRORBUFFER, t->said);
    curl->easy_setopt(t->easy, CURLOPT_USERAGENT, "human-eye/" HE_VERSION);
    curl->easy_setopt(t->easy, CURLOPT_NOSIGNAL, 1L);
    curl->easy_setopt(t->easy, CURLOPT_FAILONERROR, 1L);
    curl->easy_setopt(t->easy, CURLOPT_FOLLOWLOCATION, 1L);
    curl->easy_setopt(t->easy, CURLOPT_MAXREDIRS, (long)MAX_REDIRECTS);
    curl->easy_setopt(t->easy, CURLOPT_CONNECTTIMEOUT, stall);
    curl->easy_setopt(t->easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl->easy_setopt(t->easy, CURLOPT_LOW_SPEED_TIME, stall);
    curl->easy_setopt(t->easy, CURLOPT_RESUME_FROM_LARGE, (curl_off_t)t->resumed_at);
    curl->easy_setopt(t->easy, CURLOPT_WRITEFUNCTION, on_bytes);
    curl->easy_setopt(t->easy, CURLOPT_WRITEDATA, t);
    curl->easy_setopt(t->easy, CURLOPT_NOPROGRESS, 0L);
    curl->easy_setopt(t->easy, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl->easy_setopt(t->easy, CURLOPT_XFERINFODATA, t);
}

/* In a person's words where libcurl's are its own. */
static void report(Transfer *t, CURLcode code, GError **error)
{
    long status = 0;
    int seconds = t->download->stall_seconds;

    t->curl->easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
    if (t->error)
        g_propagate_error(error, g_steal_pointer(&t->error));
    else if (code == CURLE_ABORTED_BY_CALLBACK)
        g_cancellable_set_error_if_cancelled(t->task->cancellable, error);
    else if (code == CURLE_HTTP_RETURNED_ERROR)
        g_set_error(error, HE_ERROR, HE_ERROR_IO, "it answers %ld%s", status,
                    status == 404 ? " (no such file)" : "");
    else if (code == CURLE_OPERATION_TIMEDOUT)
        g_set_error(error, HE_ERROR, HE_ERROR_IO, "nothing came for %d seconds",
                    seconds > 0 ? seconds : HE_DOWNLOAD_STALL_SECONDS);
    else if (code == CURLE_TOO_MANY_REDIRECTS)
        g_set_error(error, HE_ERROR, HE_ERROR_IO, "it redirects more than %d times",
                    MAX_REDIRECTS);
    else if (code == CURLE_FILE_COULDNT_READ_FILE)
        g_set_error(error, HE_ERROR, HE_ERROR_IO, "there is no such file");
    else if (code == CURLE_OK || code == CURLE_PARTIAL_FILE)
        g_set_error(error, HE_ERROR, HE_ERROR_IO,
                    "it ended after %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT " bytes",
                    t->part.size, t->download->bytes);
    else
        g_set_error(error, HE_ERROR, HE_ERROR_IO, "%s",
                    *t->said ? t->said : t->curl->easy_strerror(code));
}

/* A server that cannot go on in the middle, or has nothing behind what came. */
static gboolean cannot_resume(const Transfer *t, CURLcode code)
{
    long status = 0;

    t->curl->easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
    return t->resumed_at > 0 && (code == CURLE_RANGE_ERROR ||
                                 code == CURLE_BAD_DOWNLOAD_RESUME || status == 416);
}

/* From where the part ends; from the beginning where the server cannot resume. */
static gboolean transfer_once(Transfer *t, const char *url, GError **error)
{
    CURLcode code;

    for (;;) {
        t->resumed_at = t->part.size;
        t->is_answered = FALSE;
        *t->said = '\0';
        t->easy = t->curl->easy_init();
        if (!t->easy) {
            g_set_error(error, HE_ERROR, HE_ERROR_OUT_OF_MEMORY, "libcurl cannot start");
            return FALSE;
        }
        set_options(t, url);
        code = t->curl->easy_perform(t->easy);
        gboolean is_again = !t->error && cannot_resume(t, code);
        gboolean is_good = code == CURLE_OK && t->part.size == t->download->bytes;
        if (!is_again && !is_good)
            report(t, code, error);
        t->curl->easy_cleanup(t->easy);
        if (!is_again)
            return is_good;
        if (!he_part_empty(&t->part, error))
            return FALSE;
    }
}

/* ---- mirrors ----------------------------------------------------------------------------------------- */

static gboolean check_sum(Transfer *t, GError **error)
{
    g_autofree char *sum = he_part_sha256(&t->part, t->task, error);

    if (!sum)
        return FALSE;
    if (g_ascii_strcasecmp(sum, t->download->sha256) == 0)
        return TRUE;
    g_set_error(error, HE_ERROR, HE_ERROR_IO,
                "the file is damaged or another one: its SHA-256 is %s, expected %s", sum,
                t->download->sha256);
    return FALSE;
}

static gboolean is_cancelled(const GError *error)
{
    return g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* A wrong sum over bytes of two transfers may be the older one's fault: then once more from the start. */
static gboolean try_mirror(Transfer *t, const char *url, GError **error)
{
    gboolean is_mixed = t->part.size > 0;

    for (int attempt = 1;; attempt++) {
        g_autoptr(GError) failure = NULL;
        gint64 before = t->part.size;
        gboolean is_whole =
            before == t->download->bytes || transfer_once(t, url, &failure);
        if (is_whole && check_sum(t, &failure))
            return TRUE;
        if (t->is_junk || (is_whole && !is_cancelled(failure))) {
            t->is_junk = FALSE;
            if (!he_part_empty(&t->part, error))
                return FALSE;
            if (is_mixed) {
                is_mixed = FALSE;
                continue;
            }
        }
        gboolean brought = !is_whole && !t->is_disk_ill && t->part.size > before;
        if (!brought || attempt == MAX_ATTEMPTS || is_cancelled(failure)) {
            g_propagate_error(error, g_steal_pointer(&failure));
            return FALSE;
        }
        is_mixed = TRUE;
    }
}

static gboolean try_mirrors(Transfer *t, GError **error)
{
    g_autoptr(GString) said = g_string_new(NULL);

    for (const char *const *url = t->download->urls; *url; url++) {
        g_autoptr(GError) failure = NULL;
        if (try_mirror(t, *url, &failure))
            return TRUE;
        if (is_cancelled(failure) || t->is_disk_ill) {
            g_propagate_error(error, g_steal_pointer(&failure));
            return FALSE;
        }
        g_autofree char *shown = he_mirror_show(*url);
        g_string_append_printf(said, "%s%s: %s", said->len ? "; " : "", shown,
                               failure->message);
    }
    if (t->part.size > 0)
        g_string_append_printf(said,
                               "; the first %" G_GINT64_FORMAT
                               " bytes are kept, and asking again goes on from there",
                               t->part.size);
    g_set_error_literal(error, HE_ERROR, HE_ERROR_IO,
                        said->len ? said->str : "no mirror is named");
    return FALSE;
}

/* ---- the whole --------------------------------------------------------------------------------------- */

static gboolean check_room(const char *part, gint64 wanted, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(part);
    g_autoptr(GFile) file = g_file_new_for_path(folder);
    g_autoptr(GFileInfo) info =
        g_file_query_filesystem_info(file, G_FILE_ATTRIBUTE_FILESYSTEM_FREE, NULL, NULL);

    if (!info || !g_file_info_has_attribute(info, G_FILE_ATTRIBUTE_FILESYSTEM_FREE))
        return TRUE;
    guint64 room =
        g_file_info_get_attribute_uint64(info, G_FILE_ATTRIBUTE_FILESYSTEM_FREE);
    if (wanted <= 0 || room >= (guint64)wanted)
        return TRUE;
    g_set_error(error, HE_ERROR, HE_ERROR_IO,
                "%s: there is room for %" G_GUINT64_FORMAT
                " bytes, the download needs %" G_GINT64_FORMAT,
                folder, room, wanted);
    return FALSE;
}

gboolean he_download(const HeDownload *download, const char *path, const HeTask *task,
                     GError **error)
{
    Transfer t = {.download = download, .task = task, .curl = he_curl_get(error)};

    if (!t.curl || !he_part_open(&t.part, download->part, error))
        return FALSE;
    gboolean is_good =
        (t.part.size <= download->bytes || he_part_empty(&t.part, error)) &&
        check_room(download->part, download->bytes - t.part.size, error) &&
        try_mirrors(&t, error) && he_part_rename(&t.part, path, error);
    g_clear_error(&t.error);
    if (!is_good)
        he_part_close(&t.part, t.part.size > 0 && !t.is_disk_ill);
    return is_good;
}
