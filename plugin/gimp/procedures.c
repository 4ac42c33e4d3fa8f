/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The table of procedures: see procedures.h. The menu shows the first one first; the others it sorts by their
 * labels. */
#include "plugin/gimp/procedures.h"

#include <glib/gi18n.h>

const HeGimpProcedure he_gimp_procedures[] = {
    {
        .name = "plug-in-human-eye-explain",
        .menu_label = N_("_What Does It See..."),
        .title = N_("What Does It See"),
        .blurb = N_("Show what a neural network sees in the picture, and where"),
        .help =
            N_("Shows the layer to an image classifier, says which things it believes to "
               "see, and adds a layer that shows where in the picture it found the one "
               "you pick. Any method of explanation can be chosen. The picture itself is "
               "not changed."),
        .icon = "human-eye",
        .params = {"method", "model", "class", "gradient", "layer", "colormap", "opacity",
                   "blend", HE_GIMP_OPTIONS},
    },
    {
        .name = "plug-in-human-eye-cam",
        .menu_label = N_("_Class Activation Map..."),
        .title = N_("Class Activation Map"),
        .blurb = N_("Show which parts of the picture speak for a class"),
        .help = N_(
            "Lets the last linear layers of an image classifier work at every position "
            "of its last feature maps and shows the class's answer there as a heat map: "
            "a coarse picture of which regions speak for the class."),
        .icon = "human-eye-cam",
        .method = "cam",
        .params = {"model", "class", "colormap", "opacity", "blend", HE_GIMP_OPTIONS},
    },
    {
        .name = "plug-in-human-eye-saliency",
        .menu_label = N_("_Saliency Map..."),
        .title = N_("Saliency Map"),
        .blurb = N_("Show which pixels the class's score depends on"),
        .help = N_(
            "Computes the derivative of the class's score by every pixel and shows its "
            "size: a fine but noisy picture of where a change would change the answer."),
        .icon = "human-eye-saliency",
        .method = "saliency",
        .params = {"model", "class", "gradient", "colormap", "opacity", "blend",
                   HE_GIMP_OPTIONS},
    },
    {
        .name = "plug-in-human-eye-guided-backprop",
        .menu_label = N_("_Guided Backpropagation..."),
        .title = N_("Guided Backpropagation"),
        .blurb = N_("Show the fine structures that excite the network"),
        .help = N_(
            "Computes the derivative of the class's score with every negative gradient "
            "dropped at every ReLU on the way back: a sharp picture of edges and "
            "textures that the network responds to."),
        .icon = "human-eye-guided-backprop",
        .method = "guided-backprop",
        .params = {"model", "class", "gradient", "colormap", "opacity", "blend",
                   HE_GIMP_OPTIONS},
    },
    {
        .name = "plug-in-human-eye-classify",
        .title = N_("Classify"),
        .blurb = N_("Say what a neural network believes to see in the picture"),
        .help = N_("Returns the most probable classes of the layer, the best first, with "
                   "their indices, names, probabilities and scores. Changes nothing."),
        .icon = "human-eye",
        .answer = HE_GIMP_ANSWER_CLASSES,
        .params = {"model", "top", HE_GIMP_OPTIONS},
    },
    {
        .name = "plug-in-human-eye-models",
        .menu_label = N_("_Models..."),
        .title = N_("Models"),
        .blurb = N_("Get, add, check and remove the neural networks that are asked"),
        .help =
            N_("Lists the image classifiers that are installed and those that can be "
               "downloaded, with their sizes and licences. Adds one from an ONNX file of "
               "yours, downloads, removes, and checks whether a network works here and "
               "what of it. Nothing is downloaded unless you ask for it."),
        .icon = "human-eye",
        .answer = HE_GIMP_ANSWER_MODELS,
        .params = {"action", "name", "settings"},
    },
    {.name = NULL},
};

static const HeGimpValue layer_values[] = {
    {HE_GIMP_VALUE_LAYER, "layer",
     N_("The new layer, or the group where there are several")},
    {HE_GIMP_VALUE_INTEGER, "class-index",
     N_("The class that is explained, from 0; -1: not a class")},
    {HE_GIMP_VALUE_TEXT, "class-name", N_("Its name")},
    {HE_GIMP_VALUE_NUMBER, "score", N_("Its score before the activation")},
    {HE_GIMP_VALUE_NUMBER, "probability", N_("Its probability, 0 to 1")},
    {HE_GIMP_VALUE_TEXT, "recipe", N_("All that made the result, as JSON")},
    {.name = NULL},
};

static const HeGimpValue class_values[] = {
    {HE_GIMP_VALUE_INTEGERS, "indices",
     N_("Indices of the classes, the most probable first")},
    {HE_GIMP_VALUE_TEXTS, "names", N_("Their names")},
    {HE_GIMP_VALUE_NUMBERS, "probabilities", N_("Their probabilities, 0 to 1")},
    {HE_GIMP_VALUE_NUMBERS, "scores", N_("Their scores before the activation")},
    {.name = NULL},
};

static const HeGimpValue model_values[] = {
    {HE_GIMP_VALUE_TEXTS, "names",
     N_("Names of the models that are installed, or of the one that was asked about")},
    {HE_GIMP_VALUE_TEXT, "report",
     N_("What the human-eye command prints for the action, as JSON")},
    {.name = NULL},
};

const HeGimpValue *he_gimp_values_of(HeGimpAnswer answer)
{
    static const HeGimpValue *const values[] = {
        [HE_GIMP_ANSWER_LAYER] = layer_values,
        [HE_GIMP_ANSWER_CLASSES] = class_values,
        [HE_GIMP_ANSWER_MODELS] = model_values,
    };

    return values[answer];
}

const HeGimpProcedure *he_gimp_procedure_find(const char *name)
{
    for (const HeGimpProcedure *p = he_gimp_procedures; p->name; p++)
        if (g_str_equal(p->name, name))
            return p;
    return NULL;
}

/* Choices are texts too: GIMP 3 takes the default for a choice it does not know, and says nothing. */
HeParamKind he_gimp_param_kind(const char *name)
{
    const HeParam *param = he_param_find(name);

    if (param && (param->kind == HE_PARAM_NUMBER || param->kind == HE_PARAM_INTEGER))
        return param->kind;
    return HE_PARAM_TEXT;
}

/* Arguments that are no parameters. */
static const struct {
    const char *name, *nick, *blurb;
} others[] = {
    {"action", N_("Action"), N_("What to do: list, get, add, remove, check")},
    {"name", N_("Name"),
     N_("A model's name; for add the path of an ONNX file, for check either")},
    {HE_GIMP_OPTIONS, N_("Options"),
     N_("More options, \"key=value ...\" with the long names of the human-eye command, or "
        "a whole recipe; empty: none")},
    {"settings", N_("Settings"),
     N_("For get and add, \"key=value ...\": force=true, from=ADDRESS, name=NAME, "
        "labels=FILE, and keys of a descriptor such as Input.Mean; empty: none")},
};

const char *he_gimp_param_nick(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(others); i++)
        if (g_str_equal(others[i].name, name))
            return others[i].nick;
    return he_param_find(name)->nick;
}

const char *he_gimp_param_blurb(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(others); i++)
        if (g_str_equal(others[i].name, name))
            return others[i].blurb;
    return he_param_find(name)->blurb;
}

gboolean he_gimp_request_replace(HeRequest *request, const char *name, const char *text,
                                 GError **error)
{
    return he_request_set(request, name, "", error) &&
           he_request_set(request, name, text, error);
}
