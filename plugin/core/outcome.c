/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What a person must be told with a result: that nothing was found, what was guessed, what a method is
 * worth. */
#include "plugin/core/outcome.h"

#include <string.h>

void he_outcome_free(HeOutcome *outcome)
{
    if (!outcome)
        return;
    for (int i = 0; i < outcome->n_results; i++) {
        HeResult *result = &outcome->results[i];
        g_clear_pointer(&result->map, he_map_free);
        g_free(result->plane);
        he_recipe_free(result->recipe);
        g_free(result->class_name);
        g_free(result->name);
    }
    g_free(outcome->results);
    g_free(outcome->group_name);
    g_strfreev(outcome->messages);
    g_free(outcome);
}

/* Added once, however many results say it. */
static void say(GPtrArray *messages, char *message)
{
    if (g_ptr_array_find_with_equal_func(messages, message, g_str_equal, NULL))
        g_free(message);
    else
        g_ptr_array_add(messages, message);
}

static void say_guesses(const HeModel *model, GPtrArray *messages)
{
    char **guessed = he_model_get_descriptor(model)->guessed;
    if (!guessed || !guessed[0])
        return;
    g_autofree char *list = g_strjoinv(", ", guessed);
    say(messages,
        g_strdup_printf("The descriptor of “%s” does not say everything; guessed: %s.",
                        he_model_get_name(model), list));
}

static void say_flat(const HeResult *result, GPtrArray *messages)
{
    const char *name = result->class_name;
    if (result->recipe->result.max > 0)
        return;
    switch (result->recipe->display.gradient) {
    case HE_GRADIENT_POSITIVE:
        say(messages, g_strdup_printf("Nothing in the picture speaks for %s.", name));
        break;
    case HE_GRADIENT_NEGATIVE:
        say(messages, g_strdup_printf("Nothing in the picture speaks against %s.", name));
        break;
    case HE_GRADIENT_ABSOLUTE:
    case HE_GRADIENT_SIGNED:
        say(messages,
            g_strdup_printf("Nothing in the picture speaks for or against %s.", name));
        break;
    }
}

static void say_method(const HeMethodInfo *method, const HeResult *result,
                       GPtrArray *messages)
{
    HeCoverage coverage = result->map->coverage;
    if (method->caveat)
        say(messages, g_strdup(method->caveat));
    if (coverage.extended > 0)
        say(messages, g_strdup_printf(
                          "%s is defined for ReLUs; %d of the %d activations it changed "
                          "are smooth, and its rule was extended to them.",
                          method->title, coverage.extended, coverage.ruled));
}

static void say_recipe(const HeRunner *runner, const HeRecipe *recipe,
                       GPtrArray *messages)
{
    if (!g_str_equal(recipe->image.sha256, runner->sha256))
        say(messages, g_strdup_printf("The recipe was made with another picture, “%s”.",
                                      recipe->image.name));
}

/* What all results explain, or the words of the request. */
static char *group_words(const HeAsk *ask, const HeQuestions *questions)
{
    const GPtrArray *whats = questions->whats;
    const HeWhat *first = whats->pdata[0];
    for (guint i = 1; i < whats->len; i++) {
        if (g_str_equal(((const HeWhat *)whats->pdata[i])->short_words,
                        first->short_words))
            continue;
        const char *channel = he_request_get(ask->request, "channel");
        if (channel)
            return g_strdup_printf("channel %s", channel);
        g_auto(GStrv) classes = he_request_get_list(ask->request, "class");
        g_autofree char *joined = g_strjoinv(", ", classes);
        const char *versus = he_request_get(ask->request, "versus");
        return g_strconcat(joined, versus ? " versus " : "", versus, NULL);
    }
    return g_strdup(first->short_words);
}

void he_outcome_describe(HeRunner *runner, const HeAsk *ask, const HeQuestions *questions,
                         HeOutcome *outcome, GPtrArray *messages)
{
    g_autofree char *words = group_words(ask, questions);
    outcome->group_name =
        he_name_group((const HeMethodInfo *const *)questions->methods->pdata,
                      (int)questions->methods->len, words);
    if (ask->recipe)
        say_recipe(runner, ask->recipe, messages);
    say_guesses(runner->model, messages);
    for (int i = 0; i < outcome->n_results; i++) {
        const HeQuestion *question = &g_array_index(questions->questions, HeQuestion, i);
        say_method(question->method, &outcome->results[i], messages);
        say_flat(&outcome->results[i], messages);
    }
    outcome->messages = g_new0(char *, messages->len + 1);
    for (guint i = 0; i < messages->len; i++)
        outcome->messages[i] = g_strdup(messages->pdata[i]);
}
