/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Models in the words of scripts. */
#include "plugin/core/manage.h"

#include <string.h>

#include "core/error.h"
#include "plugin/core/check.h"
#include "plugin/core/install.h"
#include "plugin/core/run.h"
#include "plugin/core/shelf.h"

/* ---- settings ---------------------------------------------------------------------------------------- */

static void append(char ***list, const char *text)
{
    const guint n = *list ? g_strv_length(*list) : 0;

    *list = g_renew(char *, *list, n + 2);
    (*list)[n] = g_strdup(text);
    (*list)[n + 1] = NULL;
}

static void replace(char **text, const char *with)
{
    g_free(*text);
    *text = g_strdup(with);
}

static gboolean set_force(HeManage *manage, const char *text, GError **error)
{
    manage->is_forced = g_str_equal(text, "true");
    return manage->is_forced || g_str_equal(text, "false") ||
           he_fail(error, HE_ERROR_INVALID_ARGUMENT,
                   "settings: force=%s: expected true or false", text);
}

static gboolean set_word(HeManage *manage, const char *word, GError **error)
{
    const char *equals = strchr(word, '=');
    g_autofree char *key = g_strndup(word, strcspn(word, "="));

    if (!equals)
        return he_fail(error, HE_ERROR_INVALID_ARGUMENT,
                       "settings: “%s” is not of the form key=value", word);
    if (g_str_equal(key, "force"))
        return set_force(manage, equals + 1, error);
    if (g_str_equal(key, "from"))
        append(&manage->from, equals + 1);
    else if (g_str_equal(key, "name"))
        replace(&manage->name, equals + 1);
    else if (g_str_equal(key, "labels"))
        replace(&manage->labels, equals + 1);
    else if (strchr(key, '.'))
        append(&manage->rows, word);
    else
        return he_fail(
            error, HE_ERROR_INVALID_ARGUMENT,
            "settings: %s: there are force, from, name, labels, and the keys of a "
            "descriptor such as Input.Mean",
            key);
    return TRUE;
}

gboolean he_manage_init(HeManage *manage, const char *program_folder,
                        const char *settings, GError **error)
{
    g_auto(GStrv) words = NULL;
    g_autoptr(GError) shell = NULL;

    *manage = (HeManage){.program_folder = g_strdup(program_folder)};
    if (!g_shell_parse_argv(settings ? settings : "", NULL, &words, &shell) &&
        !g_error_matches(shell, G_SHELL_ERROR, G_SHELL_ERROR_EMPTY_STRING))
        return he_fail(error, HE_ERROR_INVALID_ARGUMENT, "settings: %s", shell->message);
    for (char **word = words; word && *word; word++)
        if (!set_word(manage, *word, error))
            return FALSE;
    return TRUE;
}

void he_manage_clear(HeManage *manage)
{
    g_free(manage->program_folder);
    g_strfreev(manage->from);
    g_free(manage->name);
    g_free(manage->labels);
    g_strfreev(manage->rows);
    *manage = (HeManage){0};
}

/* ---- get and add ------------------------------------------------------------------------------------- */

char *he_manage_get(const HeManage *manage, const char *name, const HeTask *task,
                    GError **error)
{
    const HeInstallOptions options = {.mirrors = (const char *const *)manage->from,
                                      .program_folder = manage->program_folder,
                                      .is_forced = manage->is_forced};
    g_autoptr(HeCatalogue) catalogue =
        he_catalogue_open(NULL, manage->program_folder, error);
    const HeCatalogueEntry *entry =
        catalogue ? he_catalogue_find(catalogue, name, error) : NULL;

    return entry ? he_install_entry(catalogue, entry, &options, task, error) : NULL;
}

char *he_manage_add(const HeManage *manage, const char *file, const HeTask *task,
                    GError **error)
{
    g_autofree char *name = manage->name ? g_strdup(manage->name) : he_install_name(file);
    g_autoptr(HeModel) model =
        he_install_check(name, manage->is_forced, error)
            ? he_model_load_with(file, (const char *const *)manage->rows, manage->labels,
                                 error)
            : NULL;

    if (!model || !he_install_check_use(model, error))
        return NULL;
    return he_install_model(model, name, manage->is_forced, task, error);
}

/* ---- actions ----------------------------------------------------------------------------------------- */

void he_managed_clear(HeManaged *managed)
{
    g_strfreev(managed->names);
    g_free(managed->report);
    *managed = (HeManaged){0};
}

static void take_report(HeManaged *out, JsonBuilder *json)
{
    g_autoptr(JsonNode) root = json_builder_get_root(json);

    out->report = he_json_to_text(root);
}

static gboolean list(const HeManage *manage, const char *name, const HeTask *task,
                     HeManaged *out, GError **error)
{
    g_autoptr(GError) failure = NULL;
    g_autoptr(HeCatalogue) catalogue =
        he_catalogue_open(NULL, manage->program_folder, &failure);
    g_autoptr(JsonBuilder) json = json_builder_new();

    (void)name, (void)task;
    if (failure && !g_error_matches(failure, HE_ERROR, HE_ERROR_IO)) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return FALSE;
    }
    g_autoptr(HeShelf) shelf = he_shelf_new(catalogue, manage->program_folder);
    he_shelf_to_json(shelf, json);
    take_report(out, json);
    out->names = g_new0(char *, 1);
    for (int i = 0; i < shelf->n_items; i++)
        if (shelf->items[i].path)
            append(&out->names, shelf->items[i].name);
    return TRUE;
}

/* What is there now. PATH is taken. */
static gboolean tell_installed(char *path, HeManaged *out, GError **error)
{
    g_autofree char *at = path;
    g_autoptr(HeModel) model = at ? he_model_load(at, error) : NULL;
    g_autoptr(JsonBuilder) json = json_builder_new();

    if (!model)
        return FALSE;
    json_builder_begin_object(json);
    he_json_add_text(json, "name", he_model_get_name(model));
    he_json_add_text(json, "file", at);
    he_json_add_list(json, "guessed", he_model_get_descriptor(model)->guessed);
    json_builder_end_object(json);
    take_report(out, json);
    append(&out->names, he_model_get_name(model));
    return TRUE;
}

static gboolean get(const HeManage *manage, const char *name, const HeTask *task,
                    HeManaged *out, GError **error)
{
    return tell_installed(he_manage_get(manage, name, task, error), out, error);
}

static gboolean add(const HeManage *manage, const char *name, const HeTask *task,
                    HeManaged *out, GError **error)
{
    return tell_installed(he_manage_add(manage, name, task, error), out, error);
}

static gboolean take_away(const HeManage *manage, const char *name, const HeTask *task,
                          HeManaged *out, GError **error)
{
    g_auto(GStrv) gone = he_install_remove(name, manage->program_folder, error);
    g_autoptr(JsonBuilder) json = json_builder_new();

    (void)task;
    if (!gone)
        return FALSE;
    json_builder_begin_object(json);
    he_json_add_text(json, "name", name);
    he_json_add_list(json, "removed", gone);
    json_builder_end_object(json);
    take_report(out, json);
    append(&out->names, name);
    return TRUE;
}

static gboolean check(const HeManage *manage, const char *name, const HeTask *task,
                      HeManaged *out, GError **error)
{
    const HeSessionOptions defaults = {0};
    g_autoptr(HeCheck) found = he_check_new();
    g_autofree char *path = he_models_find(name, manage->program_folder, error);

    if (!path || !he_check_run(found, path, &defaults, NULL, NULL, task, error))
        return FALSE;
    take_report(out, found->json);
    g_autofree char *checked = he_install_name(path);
    append(&out->names, checked);
    return TRUE;
}

gboolean he_manage_run(const HeManage *manage, const char *action, const char *name,
                       const HeTask *task, HeManaged *out, GError **error)
{
    static const struct {
        const char *action;
        gboolean (*run)(const HeManage *manage, const char *name, const HeTask *task,
                        HeManaged *out, GError **error);
    } actions[] = {{"add", add},
                   {"check", check},
                   {"get", get},
                   {"list", list},
                   {"remove", take_away}};

    *out = (HeManaged){0};
    for (size_t i = 0; i < G_N_ELEMENTS(actions); i++)
        if (g_str_equal(actions[i].action, action))
            return actions[i].run(manage, name, task, out, error);
    return he_fail(error, HE_ERROR_INVALID_ARGUMENT,
                   "action: “%s” is none of add, check, get, list, remove", action);
}
