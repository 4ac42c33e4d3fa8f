/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Methods x layers x classes of a request, or the one question of a recipe. */
#include "plugin/core/questions.h"

#include "plugin/core/params.h"

/* ---- methods --------------------------------------------------------------------------------- */

static gboolean add_method(GPtrArray *methods, const char *id, GError **error)
{
    const HeMethodInfo *method = he_method_find(id, error);
    if (method)
        g_ptr_array_add(methods, (gpointer)method);
    return method != NULL;
}

/* Where no method is named: CAM, exact where it fits. It maps one layer alone and classes alone, so a
 * layer asks for Grad-CAM and a channel for its derivative. */
static const char *default_method(HeSession *session, const HeRequest *request,
                                  GPtrArray *messages)
{
    if (he_request_get(request, "channel"))
        return "saliency";
    g_autofree char *refusal = he_method_refusal(session, "cam");
    g_autofree char *refusal_of_grad_cam = he_method_refusal(session, "grad-cam");
    gboolean is_cam = !refusal && !he_request_get(request, "layer");
    if (refusal)
        g_ptr_array_add(messages,
                        g_strdup_printf("CAM does not fit this network: %s. %s is shown.",
                                        refusal,
                                        refusal_of_grad_cam ? "Saliency" : "Grad-CAM"));
    return is_cam ? "cam" : refusal_of_grad_cam ? "saliency" : "grad-cam";
}

GPtrArray *he_questions_methods(HeSession *session, const HeAsk *ask, GPtrArray *messages,
                                GError **error)
{
    g_autoptr(GPtrArray) methods = g_ptr_array_new();
    g_auto(GStrv) ids = he_request_get_list(ask->request, "method");
    const char *only = NULL;
    if (ask->recipe)
        only = ask->recipe->method.id;
    else if (!ids[0])
        only = default_method(session, ask->request, messages);
    if (only)
        return add_method(methods, only, error) ? g_steal_pointer(&methods) : NULL;
    for (char **id = ids; *id; id++)
        if (!add_method(methods, *id, error))
            return NULL;
    return g_steal_pointer(&methods);
}

/* ---- layers ---------------------------------------------------------------------------------- */

typedef struct {
    HeLayer *layers;
    int n;
} Layers;

static gboolean is_layer(const char *text, gpointer user_data)
{
    const Layers *all = user_data;
    for (int i = 0; i < all->n; i++)
        if (g_str_equal(all->layers[i].tensor, text))
            return TRUE;
    return FALSE;
}

char **he_questions_layers(HeSession *session, const HeRequest *request, GError **error)
{
    g_auto(GStrv) items = he_request_get_list(request, "layer");
    Layers all = {0};
    if (!items[0])
        return g_steal_pointer(&items);
    all.layers = he_session_list_layers(session, &all.n, error);
    if (!all.layers)
        return NULL;
    char **names = he_names_split(items, is_layer, &all);
    he_layers_free(all.layers, all.n);
    return names;
}

/* ---- all together ------------------------------------------------------------------------------ */

static void question_clear(gpointer question)
{
    g_free(((HeQuestion *)question)->layer);
}

/* GRADIENT: HeGradient, or -1: the method's own. */
static HeDisplay choose_display(const HeAsk *ask, const HeMethodInfo *method,
                                int gradient)
{
    const HeRequest *request = ask->request;
    if (ask->recipe)
        return ask->recipe->display;
    HeDisplay display = he_display_defaults(method, gradient);
    double opacity = he_request_get_number(request, "opacity", -1);
    if (opacity >= 0)
        display.opacity = opacity;
    display.colormap =
        (HeColormap)he_request_get_choice(request, "colormap", (int)display.colormap);
    display.blend = (HeBlend)he_request_get_choice(request, "blend", (int)display.blend);
    display.alpha = (HeAlpha)he_request_get_choice(request, "alpha", (int)display.alpha);
    const char *scale = he_request_get(request, "scale");
    if (scale)
        he_scale_parse(scale, &display, NULL);
    return display;
}

static guint64 choose_seed(const HeAsk *ask)
{
    gboolean is_said = g_hash_table_contains(ask->request->values, "seed");
    if (ask->recipe && !is_said)
        return ask->recipe->run.seed;
    return (guint64)he_request_get_number(ask->request, "seed", 0);
}

static void add_question(HeQuestions *out, const HeAsk *ask, const HeQuestion *like,
                         int gradient)
{
    HeQuestion question = *like;
    question.layer = g_strdup(like->layer);
    question.display = choose_display(ask, like->method, gradient);
    question.seed = choose_seed(ask);
    g_array_append_val(out->questions, question);
}

/* One for each of the run's whats and types of gradient. */
static void add_questions(HeQuestions *out, const HeAsk *ask, const HeMethodInfo *method,
                          char *layer)
{
    g_auto(GStrv) nicks = he_request_get_list(ask->request, "gradient");
    for (guint i = 0; i < out->whats->len; i++) {
        const HeQuestion like = {
            .method = method, .layer = layer, .what = out->whats->pdata[i]};
        if (!nicks[0])
            add_question(out, ask, &like, -1);
        for (char **nick = nicks; *nick; nick++)
            add_question(out, ask, &like, he_choice_find(he_gradients, *nick)->value);
    }
}

/* LAYERS: where the methods' maps are taken; none for a channel, whose layer is what is explained. */
static gboolean ask_all(HeQuestions *out, const HeAsk *ask, char *const *layers,
                        GError **error)
{
    gboolean is_layer_used = !layers[0];
    for (guint m = 0; m < out->methods->len; m++) {
        const HeMethodInfo *method = out->methods->pdata[m];
        is_layer_used |= method->takes_layer;
        if (!method->takes_layer || !layers[0])
            add_questions(out, ask, method, NULL);
        for (int i = 0; method->takes_layer && layers[i]; i++)
            add_questions(out, ask, method, layers[i]);
    }
    if (!is_layer_used)
        g_set_error(
            error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT,
            "layer: %s has no map of a layer; name a channel of it to explain, or "
            "take grad-cam",
            ((const HeMethodInfo *)out->methods->pdata[0])->title);
    return is_layer_used;
}

static gboolean ask_recipe(HeQuestions *out, const HeAsked *asked, const HeAsk *ask,
                           GError **error)
{
    HeWhat *what = he_what_from_recipe(asked, ask->recipe, error);
    if (!what)
        return FALSE;
    g_ptr_array_add(out->whats, what);
    add_questions(out, ask, out->methods->pdata[0], ask->recipe->method.layer);
    return TRUE;
}

static gboolean ask_request(HeQuestions *out, const HeAsked *asked, const HeAsk *ask,
                            char *const *layers, GError **error)
{
    static char *const none[] = {NULL};
    gboolean is_channel = he_request_get(ask->request, "channel") != NULL;
    GPtrArray *whats = he_whats_new(asked, ask->request, layers, error);
    if (!whats)
        return FALSE;
    g_ptr_array_unref(out->whats);
    out->whats = whats;
    return ask_all(out, ask, is_channel ? none : layers, error);
}

gboolean he_questions_init(HeQuestions *out, const HeAsked *asked, const HeAsk *ask,
                           GPtrArray *methods, char *const *layers, GError **error)
{
    out->methods = methods;
    out->whats = g_ptr_array_new_with_free_func((GDestroyNotify)he_what_free);
    out->questions = g_array_new(FALSE, FALSE, sizeof(HeQuestion));
    g_array_set_clear_func(out->questions, question_clear);
    if (ask->recipe ? !ask_recipe(out, asked, ask, error)
                    : !ask_request(out, asked, ask, layers, error))
        return FALSE;
    if (out->questions->len <= HE_MAX_RESULTS)
        return TRUE;
    g_set_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT,
                "%u results are asked for; one run makes at most %d", out->questions->len,
                HE_MAX_RESULTS);
    return FALSE;
}

void he_questions_clear(HeQuestions *questions)
{
    g_clear_pointer(&questions->questions, g_array_unref);
    g_clear_pointer(&questions->whats, g_ptr_array_unref);
    g_clear_pointer(&questions->methods, g_ptr_array_unref);
}
