/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Getting, adding and checking in a thread of its own, which calls no libgimp and no GTK; what came of it comes
 * back through the main loop. What was got or added is checked, too. */
#include "plugin/core/manage.h"
#include "plugin/core/run.h"
#include "plugin/dialog/manager_parts.h"

#define TICK_MS 80

struct HeManagerWork {
    HeManager *manager;
    HeManagerAction action;
    HeManage how;
    char *what;
    GCancellable *cancellable;
    GThread *thread;
    gint permille; /* atomic; 0: not known */
    /* filled by the thread */
    char *path;
    HeCheck *check;
    GError *error;
};

static void work_free(HeManagerWork *work)
{
    he_manage_clear(&work->how);
    g_free(work->what);
    g_object_unref(work->cancellable);
    g_free(work->path);
    g_clear_pointer(&work->check, he_check_free);
    g_clear_error(&work->error);
    g_free(work);
}

/* ---- in the thread ----------------------------------------------------------------------------------- */

static void note_progress(double fraction, void *user_data)
{
    HeManagerWork *work = user_data;

    g_atomic_int_set(&work->permille, (gint)(fraction * 1000));
}

static char *find_or_make(HeManagerWork *work, const HeTask *task)
{
    switch (work->action) {
    case HE_MANAGER_ADD:
        return he_manage_add(&work->how, work->what, task, &work->error);
    case HE_MANAGER_GET:
        return he_manage_get(&work->how, work->what, task, &work->error);
    default:
        return he_models_find(work->what, work->how.program_folder, &work->error);
    }
}

static gboolean finish(gpointer data);

static gpointer run_thread(gpointer data)
{
    HeManagerWork *work = data;
    const HeTask task = {note_progress, work, work->cancellable};
    const HeTask quiet = {.cancellable = work->cancellable};
    const HeSessionOptions defaults = {0};
    g_autoptr(HeCheck) check = he_check_new();

    work->path = find_or_make(work, &task);
    g_atomic_int_set(&work->permille, 0);
    if (work->path &&
        he_check_run(check, work->path, &defaults, NULL, NULL, &quiet, &work->error))
        work->check = g_steal_pointer(&check);
    g_idle_add(finish, work);
    return NULL;
}

/* ---- in the main loop ---------------------------------------------------------------------------------- */

static gboolean tick(gpointer data)
{
    HeManager *manager = data;
    GtkProgressBar *bar = GTK_PROGRESS_BAR(manager->progress);
    const int permille = g_atomic_int_get(&manager->work->permille);

    if (permille > 0)
        gtk_progress_bar_set_fraction(bar, permille / 1000.0);
    else
        gtk_progress_bar_pulse(bar);
    return G_SOURCE_CONTINUE;
}

static void take_off(HeManagerWork *work)
{
    HeManager *manager = work->manager;

    g_thread_join(work->thread);
    g_source_remove(manager->ticking);
    manager->ticking = 0;
    manager->work = NULL;
}

static gboolean finish(gpointer data)
{
    HeManagerWork *work = data;
    const gboolean is_stopped =
        g_error_matches(work->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);

    take_off(work);
    he_manager_done(work->manager, work->action, work->path, work->check,
                    is_stopped ? NULL : work->error);
    work_free(work);
    return G_SOURCE_REMOVE;
}

void he_manager_start(HeManager *manager, HeManagerAction action, const char *what,
                      gboolean is_forced)
{
    HeManagerWork *work = g_new0(HeManagerWork, 1);

    he_manage_init(&work->how, manager->folder, NULL, NULL);
    work->how.is_forced = is_forced;
    work->manager = manager;
    work->action = action;
    work->what = g_strdup(what);
    work->cancellable = g_cancellable_new();
    manager->work = work;
    manager->ticking = g_timeout_add(TICK_MS, tick, manager);
    he_manager_update(manager);
    work->thread = g_thread_new("human-eye", run_thread, work);
}

void he_manager_stop(HeManager *manager)
{
    if (manager->work)
        g_cancellable_cancel(manager->work->cancellable);
}

void he_manager_end(HeManager *manager)
{
    HeManagerWork *work = manager->work;

    if (work == NULL)
        return;
    he_manager_stop(manager);
    take_off(work);
    g_idle_remove_by_data(work);
    work_free(work);
}
