/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The keys of a descriptor, one row each: who reads the value and where it goes. */
#ifndef HE_MODEL_DESCRIPTOR_KEYS_H
#define HE_MODEL_DESCRIPTOR_KEYS_H

#include "human-eye.h"

typedef struct {
    HeDescriptor *out;
    char *labels; /* the file that Labels names; owned */
    guint count;  /* values of the key just read: 1, except for lists */
} HeDescriptorReading;

typedef struct {
    const char *group, *key;
    /* NULL: TEXT is good; else what was expected (g_free). */
    char *(*read)(HeDescriptorReading *reading, const char *text, void *out,
                  const HeChoice *choices);
    size_t offset; /* of OUT inside HeDescriptor; 0 where READ knows its place */
    const HeChoice *choices;
} HeDescriptorKey;

/* NAME NULL: any key of GROUP. NULL: there is none. */
const HeDescriptorKey *he_descriptor_key_find(const char *group, const char *name);
/* "Fit, Size, ...": the keys of GROUP, or all groups when GROUP is NULL. Free with g_free. */
char *he_descriptor_keys_list(const char *group);

#endif
