/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The SHA-256 of a model's file, on a thread of its own: a recipe wants it, a picture does not wait for it. */
#include "core/checksum.h"
#include "model/model.h"

#define CHUNK ((size_t)1 << 20) /* between looks at is_stopping */

/* The sum in hexadecimal; NULL: told to stop. */
static void *compute(void *data)
{
    HeModel *model = data;
    const guint8 *bytes = (const guint8 *)g_mapped_file_get_contents(model->onnx->file);
    size_t left = g_mapped_file_get_length(model->onnx->file);
    struct sha256_ctx sum;

    sha256_init(&sum);
    while (left) {
        size_t n = MIN(left, CHUNK);
        if (g_atomic_int_get(&model->is_stopping))
            return NULL;
        sha256_update(&sum, n, bytes);
        bytes += n;
        left -= n;
    }
    return he_sha256_text(&sum);
}

/* With the lock held; atomic all the same, because ThreadSanitizer does not see GLib's locks. A machine
 * without threads to spare computes when it is asked. */
static void start(HeModel *model)
{
    if (!g_atomic_pointer_get(&model->sha256) &&
        !g_atomic_pointer_get(&model->sha256_thread))
        g_atomic_pointer_set(&model->sha256_thread,
                             g_thread_try_new("sha256", compute, model, NULL));
}

static void finish(HeModel *model)
{
    GThread *thread = g_atomic_pointer_get(&model->sha256_thread);

    if (!g_atomic_pointer_get(&model->sha256))
        g_atomic_pointer_set(&model->sha256,
                             thread ? g_thread_join(thread) : compute(model));
    g_atomic_pointer_set(&model->sha256_thread, NULL);
}

void he_model_start_sha256(HeModel *model)
{
    g_mutex_lock(&model->lock);
    start(model);
    g_mutex_unlock(&model->lock);
}

const char *he_model_get_sha256(HeModel *model, GError **error)
{
    const char *stated = model->descriptor.sha256;

    g_mutex_lock(&model->lock);
    start(model);
    finish(model);
    const char *found = g_atomic_pointer_get(&model->sha256);
    g_mutex_unlock(&model->lock);
    if (!stated || g_str_equal(stated, found))
        return found;
    g_set_error(error, HE_ERROR, HE_ERROR_CORRUPT_MODEL,
                "%s: its SHA-256 is %s, its descriptor states %s: the file is damaged or "
                "another version",
                model->name, found, stated);
    return NULL;
}

void he_model_clear_sha256(HeModel *model)
{
    g_atomic_int_set(&model->is_stopping, 1);
    if (model->sha256_thread)
        g_free(g_thread_join(model->sha256_thread));
    model->sha256_thread = NULL;
    g_clear_pointer(&model->sha256, g_free);
}
