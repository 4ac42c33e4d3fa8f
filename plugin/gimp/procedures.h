/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The procedures, once: every adapter registers from this table and reads arguments by it. In GIMP 2.10
 * arguments and results are positional, so the lists are final; `options` takes what comes later. */
#ifndef HE_GIMP_PROCEDURES_H
#define HE_GIMP_PROCEDURES_H

#include "plugin/core/request.h"

#define HE_GIMP_DOMAIN      "human-eye" /* of translations */
#define HE_GIMP_AUTHORS     "The human-eye authors"
#define HE_GIMP_COPYRIGHT   "LGPL-3.0-or-later"
#define HE_GIMP_DATE        "2026"
#define HE_GIMP_MENU        "<Image>/Filters/Human Eye"
#define HE_GIMP_IMAGE_TYPES "RGB*, GRAY*, INDEXED*"
#define HE_GIMP_ICON        "gimp-visible" /* where the own one is missing */
#define HE_GIMP_MAX_PARAMS  12
#define HE_GIMP_OPTIONS     "options" /* not a parameter of its own: the text of many */

/* The last is of a procedure that wants no image. */
typedef enum {
    HE_GIMP_ANSWER_LAYER,
    HE_GIMP_ANSWER_CLASSES,
    HE_GIMP_ANSWER_MODELS
} HeGimpAnswer;

typedef struct {
    const char *name;
    const char *menu_label; /* NULL: in no menu */
    const char *title;      /* of the dialog */
    const char *blurb, *help;
    const char *icon;   /* icons/ICON.svg beside the program */
    const char *method; /* the one it is for; NULL: the argument says */
    HeGimpAnswer answer;
    /* after run mode, image and drawable: names in he_params_list, or of arguments that only procedures have;
     * NULL-terminated */
    const char *params[HE_GIMP_MAX_PARAMS];
} HeGimpProcedure;

/* What a procedure hands back after the status. GIMP 2.10 wants the length of every array before it. */
typedef enum {
    HE_GIMP_VALUE_LAYER,
    HE_GIMP_VALUE_INTEGER,
    HE_GIMP_VALUE_NUMBER,
    HE_GIMP_VALUE_TEXT,
    HE_GIMP_VALUE_INTEGERS,
    HE_GIMP_VALUE_NUMBERS,
    HE_GIMP_VALUE_TEXTS
} HeGimpValueKind;

typedef struct {
    HeGimpValueKind kind;
    const char *name, *blurb;
} HeGimpValue;

/* The row after the last has a NULL name. */
const HeGimpValue *he_gimp_values_of(HeGimpAnswer answer);

/* The row after the last has a NULL name. */
extern const HeGimpProcedure he_gimp_procedures[];
const HeGimpProcedure *he_gimp_procedure_find(const char *name);

/* Sets a parameter anew: lists do not add up. */
gboolean he_gimp_request_replace(HeRequest *request, const char *name, const char *text,
                                 GError **error);

/* Of an argument: a number, an integer, or else a text. */
HeParamKind he_gimp_param_kind(const char *name);
/* An argument's label, and what it is for, in a sentence (English, marked for translation). */
const char *he_gimp_param_nick(const char *name);
const char *he_gimp_param_blurb(const char *name);

#endif
