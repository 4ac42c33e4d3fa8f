/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A network of the user's own: what is stated, and asking for the rest. */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/own.h"
#include "plugin/core/rows.h"

gboolean cli_own_state(CliOwn *own, const char *key, const char *value, GError **error)
{
    g_autofree char *row = g_strdup_printf("%s=%s", key, value);
    const char *const rows[] = {row, NULL};
    g_autofree char *text = he_descriptor_text(rows, NULL, error);
    if (!text)
        return FALSE;
    g_ptr_array_add(own->rows, g_steal_pointer(&row));
    return TRUE;
}

/* Reads the network again with what is stated by now. */
gboolean cli_own_load(CliOwn *own, GError **error)
{
    g_autoptr(GPtrArray) rows = g_ptr_array_new();
    for (guint i = 0; i < own->rows->len; i++)
        g_ptr_array_add(rows, own->rows->pdata[i]);
    g_ptr_array_add(rows, NULL);
    HeModel *model = he_model_load_with(own->file, (const char *const *)rows->pdata,
                                        own->labels, error);
    if (!model)
        return FALSE;
    g_clear_pointer(&own->model, he_model_unref);
    own->model = model;
    return TRUE;
}

/* ---- asking ------------------------------------------------------------------------------------------ */

/* What people know of their network and a file cannot tell, in the order in which one hangs on another. */
static const struct {
    const char *key, *question;
} asked[] = {
    {"Input.Channels", "Channels: RGB, or BGR (OpenCV, Caffe), ..."},
    {"Input.Scale", "Pixels were 0 to ... (1 or 255) before the mean was taken off"},
    {"Input.Mean", "Mean that is taken off each channel"},
    {"Input.Std", "Standard deviation that it is divided by"},
    {"Input.Fit", "How a picture fits: stretch, crop, pad, aspect"},
    {"Output.Activation", "What makes probabilities: softmax, sigmoid, none"},
};

/* A line without its end; NULL: there is no more. Free with g_free. */
static char *ask(const char *question, const char *guess)
{
    char line[4096];
    printf("%s [%s]: ", question, guess);
    fflush(stdout);
    return fgets(line, sizeof line, stdin) ? g_strstrip(g_strdup(line)) : NULL;
}

/* FALSE: nobody answers any more. Enter takes GUESS, which then is stated. *IS_TAKEN: it was. */
static gboolean ask_key(CliOwn *own, const char *key, const char *question,
                        const char *guess, gboolean *is_taken)
{
    for (;;) {
        g_autofree char *answer = ask(question, guess);
        g_autoptr(GError) error = NULL;
        if (!answer)
            return FALSE;
        *is_taken = !*answer || g_str_equal(answer, guess);
        guint before = own->rows->len;
        if (cli_own_state(own, key, *answer ? answer : guess, &error) &&
            cli_own_load(own, &error))
            return TRUE;
        g_ptr_array_set_size(own->rows, (int)before);
        cli_tell("%s", error->message);
    }
}

/* Scale, Mean and Std are guessed together: while the guess is taken, it stays what it was at first. */
static gboolean ask_keys(CliOwn *own)
{
    g_auto(GStrv) together = NULL;
    gboolean is_taken = TRUE;
    for (size_t i = 0; i < G_N_ELEMENTS(asked); i++) {
        char *const *guessed = he_model_get_descriptor(own->model)->guessed;
        const char *key = asked[i].key, *guess = he_row_find(guessed, key);
        if (strcmp(key, "Input.Scale") == 0)
            together = g_strdupv((char **)guessed);
        if (together && is_taken && guess && he_row_find(together, key))
            guess = he_row_find(together, key);
        gboolean is_this_taken = TRUE;
        if (guess && !ask_key(own, key, asked[i].question, guess, &is_this_taken))
            return FALSE;
        is_taken &= !together || is_this_taken;
    }
    return TRUE;
}

static gboolean ask_labels(CliOwn *own)
{
    for (;;) {
        g_autofree char *answer = ask("A file of labels, one a line", "none");
        g_autoptr(GError) error = NULL;
        if (!answer || !*answer)
            return answer != NULL;
        g_free(own->labels);
        own->labels = g_strdup(answer);
        if (cli_own_load(own, &error))
            return TRUE;
        g_clear_pointer(&own->labels, g_free);
        cli_tell("%s", error->message);
    }
}

void cli_own_ask(CliOwn *own)
{
    if (!ask_keys(own) || (!he_model_get_labels_path(own->model) && !ask_labels(own)))
        putchar('\n');
}
