/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A request: where and how, as a person states it, in the same words everywhere.
 *
 * One table of parameters (params.def) gives the command's options, the keys of the plug-in's `options`
 * text, the PDB arguments, the dialogs' widgets and the help. Every front end sets a request by name and
 * text (he_request_set), so all validate alike and a value that is not one of the choices is the same
 * error everywhere. Nothing here touches a model or a picture. */
#ifndef HE_CORE_REQUEST_H
#define HE_CORE_REQUEST_H

#include "human-eye.h"

typedef enum {
    HE_PARAM_TEXT,   /* any text */
    HE_PARAM_LIST,   /* texts; given again, or separated by commas, they add up */
    HE_PARAM_CHOICE, /* a nick of `choices` */
    HE_PARAM_NUMBER, /* a float within [min, max] */
    HE_PARAM_INTEGER
} HeParamKind;

typedef enum {
    HE_PARAM_WHERE = 1 << 0,
    HE_PARAM_HOW = 1 << 1,
    HE_PARAM_GENERAL = 1 << 2, /* group in --help */
    HE_PARAM_HOST = 1 << 3,    /* the plug-in's own: source, selection, result; not the
                               command's */
    HE_PARAM_CLASSIFY = 1 << 4 /* of classify alone: top */
} HeParamGroup;

typedef struct {
    const char *name;  /* "colormap": --colormap, colormap=..., the PDB argument */
    const char *nick;  /* "Color ma_p": the dialog's label, with its key */
    const char *value; /* "ID": the metavariable in --help */
    const char *blurb; /* one sentence for --help, tooltips and PDB */
    HeParamKind kind;
    guint groups;
    const HeChoice *choices; /* HE_PARAM_CHOICE, and lists of choices; else NULL */
    double min, max;
    const char *initial; /* as text; NULL: the method's or the model's own */
} HeParam;

/* The plug-in's own choices. */
typedef enum { HE_FROM_LAYER, HE_FROM_VISIBLE } HeFrom; /* source */
typedef enum {
    HE_SELECTION_LOOK, /* the network is shown the selection's box */
    HE_SELECTION_SHOW, /* it is shown all, the result is kept to the selection */
    HE_SELECTION_IGNORE
} HeSelection;
typedef enum { HE_RESULT_ADD, HE_RESULT_REPLACE } HeResultPlace; /* result */
extern const HeChoice he_froms[], he_selections[], he_result_places[];

const HeParam *he_params_list(int *n_params);   /* sorted by name */
const HeParam *he_param_find(const char *name); /* NULL: none */

/* NULL or unset means: the default. */
typedef struct {
    GHashTable
        *values;  /* name -> text, only what was set; list values joined by newlines */
    char *recipe; /* JSON given back by the user: it runs without any default */
} HeRequest;

HeRequest *he_request_new(void);
HeRequest *he_request_copy(const HeRequest *request);
void he_request_free(HeRequest *request);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HeRequest, he_request_free)

/* Checks TEXT against the parameter's row. An empty TEXT unsets it. Errors name the parameter, the text
 * and what was expected; "not built yet" where DESIGN names a thing that a later version brings. */
gboolean he_request_set(HeRequest *request, const char *name, const char *text,
                        GError **error);
/* The text set, or the row's initial one, or NULL. */
const char *he_request_get(const HeRequest *request, const char *name);
char **he_request_get_list(const HeRequest *request,
                           const char *name); /* g_strfreev; never NULL */
/* The number, or FALLBACK where it is unset. */
double he_request_get_number(const HeRequest *request, const char *name, double fallback);
int he_request_get_choice(const HeRequest *request, const char *name, int fallback);
/* "key=value key='two words' ..." as in a shell, or a whole recipe when it starts with '{' (among other
 * keys: recipe='{...}'). Beside a recipe only model (where the file is), the general and the host's
 * parameters may be set: the rest stands in it. */
gboolean he_request_parse(HeRequest *request, const char *options, GError **error);
/* The same form, sorted by name; parse gives the request back. Free with g_free. */
char *he_request_to_text(const HeRequest *request);

#endif
