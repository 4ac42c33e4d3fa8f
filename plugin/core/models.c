/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Where models are: a path as it stands, else NAME.onnx or NAME/NAME.onnx in each folder, in this order:
 * HUMAN_EYE_MODELS, the user's data folder, the system's, those installed beside the program. */
#include <string.h>

#include "plugin/core/run.h"

#define DEFAULT_MODEL "efficientnet-lite0"
#define SUFFIX        ".onnx"
#define USER_FOLDER   "human-eye/models" /* in the user's and the system's data folders */
#define MAX_NAME      100

static void add_folder(GPtrArray *folders, const char *base, const char *below)
{
    g_autofree char *joined = g_build_filename(base, below, NULL);
    char *folder = g_canonicalize_filename(joined, NULL);
    if (g_ptr_array_find_with_equal_func(folders, folder, g_str_equal, NULL))
        g_free(folder);
    else
        g_ptr_array_add(folders, folder);
}

/* Absolute, none twice. */
static GPtrArray *list_folders(const char *program_folder)
{
    /* Beside the program, in its source tree when it runs from build/ (the plug-in: build/gimp2/), and
     * below the prefix it is installed in. */
    static const char *const beside[] = {"models", "../models", "../../models",
                                         "../share/human-eye/models"};
    GPtrArray *folders = g_ptr_array_new_with_free_func(g_free);
    const char *list = g_getenv("HUMAN_EYE_MODELS");
    g_auto(GStrv) listed = g_strsplit(list ? list : "", G_SEARCHPATH_SEPARATOR_S, -1);
    for (char **folder = listed; *folder; folder++)
        if (**folder)
            add_folder(folders, *folder, "");
    add_folder(folders, g_get_user_data_dir(), USER_FOLDER);
    for (const char *const *folder = g_get_system_data_dirs(); *folder; folder++)
        add_folder(folders, *folder, USER_FOLDER);
    for (size_t i = 0; program_folder && i < G_N_ELEMENTS(beside); i++)
        add_folder(folders, program_folder, beside[i]);
    return folders;
}

char **he_models_folders(const char *program_folder)
{
    GPtrArray *folders = list_folders(program_folder);
    g_ptr_array_add(folders, NULL);
    return (char **)g_ptr_array_free(folders, FALSE);
}

char *he_models_user_folder(void)
{
    return g_build_filename(g_get_user_data_dir(), USER_FOLDER, NULL);
}

gboolean he_models_is_name(const char *name)
{
    size_t n = strlen(name);
    gboolean is_good = n > 0 && n <= MAX_NAME && *name != '.' && *name != '-';
    for (; is_good && *name; name++)
        is_good = g_ascii_isalnum(*name) || strchr("._+-", *name);
    return is_good;
}

gboolean he_models_is_embedded(const char *name)
{
    return strcmp(name, DEFAULT_MODEL) == 0;
}

static gboolean is_file(const char *path)
{
    return g_file_test(path, G_FILE_TEST_IS_REGULAR);
}

/* The model NAME inside FOLDER, or NULL. */
static char *find_in(const char *folder, const char *name)
{
    g_autofree char *file = g_strconcat(name, SUFFIX, NULL);
    char *path = g_build_filename(folder, file, NULL);
    if (!is_file(path)) {
        g_free(path);
        path = g_build_filename(folder, name, file, NULL);
    }
    if (!is_file(path))
        g_clear_pointer(&path, g_free);
    return path;
}

static char *find_path(const char *path, GError **error)
{
    if (is_file(path))
        return g_strdup(path);
    g_set_error(error, HE_ERROR, HE_ERROR_IO, "model “%s”: there is no such file", path);
    return NULL;
}

char *he_models_find(const char *name, const char *program_folder, GError **error)
{
    if (!name || !*name)
        name = DEFAULT_MODEL;
    if (strchr(name, '/') || strchr(name, G_DIR_SEPARATOR) ||
        g_str_has_suffix(name, SUFFIX))
        return find_path(name, error);
    g_autoptr(GPtrArray) folders = list_folders(program_folder);
    for (guint i = 0; i < folders->len; i++) {
        char *path = find_in(folders->pdata[i], name);
        if (path)
            return path;
    }
    g_ptr_array_add(folders, NULL);
    g_autofree char *places = g_strjoinv(", ", (char **)folders->pdata);
    g_set_error(error, HE_ERROR, HE_ERROR_IO,
                "there is no model “%s”: neither %s%s nor %s/%s%s is in any of %s", name,
                name, SUFFIX, name, name, SUFFIX, places);
    return NULL;
}

/* The name of the model that the folder's ENTRY is or holds. */
static char *entry_name(const char *entry)
{
    gsize length = strlen(entry);
    if (g_str_has_suffix(entry, SUFFIX))
        length -= strlen(SUFFIX);
    return g_strndup(entry, length);
}

static void list_folder(const char *folder, GHashTable *paths)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *entry;
    while (dir && (entry = g_dir_read_name(dir))) {
        g_autofree char *name = entry_name(entry);
        char *path = *name ? find_in(folder, name) : NULL;
        if (path && !g_hash_table_contains(paths, name))
            g_hash_table_insert(paths, g_steal_pointer(&name), path);
        else
            g_free(path);
    }
}

static int compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

char **he_models_list(const char *program_folder)
{
    g_autoptr(GPtrArray) folders = list_folders(program_folder);
    g_autoptr(GHashTable) paths =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    for (guint i = 0; i < folders->len; i++)
        list_folder(folders->pdata[i], paths);
    guint n;
    g_autofree gpointer *names = g_hash_table_get_keys_as_array(paths, &n);
    if (n)
        qsort(names, n, sizeof *names, compare_names);
    char **list = g_new0(char *, n + 1);
    for (guint i = 0; i < n; i++)
        list[i] = g_strdup(g_hash_table_lookup(paths, names[i]));
    return list;
}
