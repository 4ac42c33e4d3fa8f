/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The keys of a descriptor, one row each: who reads the value, who writes it, and where it stands. */
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
    /* The text that READ takes (g_free); NULL: D does not have it. */
    char *(*write)(const HeDescriptor *d, const void *value, const HeChoice *choices);
    size_t
        offset; /* of OUT and VALUE inside HeDescriptor; 0 where they know their place */
    const HeChoice *choices;
} HeDescriptorKey;

/* NAME NULL: any key of GROUP. NULL: there is none. */
const HeDescriptorKey *he_descriptor_key_find(const char *group, const char *name);
/* "Fit, Size, ...": the keys of GROUP, or all groups when GROUP is NULL. Free with g_free. */
char *he_descriptor_keys_list(const char *group);
/* Row I, from 0, sorted by group and key; NULL past the end. */
const HeDescriptorKey *he_descriptor_key_get(size_t i);

/* The table's writers (descriptor_write.c). */
char *he_write_background(const HeDescriptor *d, const void *value,
                          const HeChoice *choices);
char *he_write_boolean(const HeDescriptor *d, const void *value, const HeChoice *choices);
char *he_write_channels(const HeDescriptor *d, const void *value,
                        const HeChoice *choices);
char *he_write_choice(const HeDescriptor *d, const void *value, const HeChoice *choices);
char *he_write_grey(const HeDescriptor *d, const void *value, const HeChoice *choices);
char *he_write_nothing(const HeDescriptor *d, const void *value, const HeChoice *choices);
char *he_write_number(const HeDescriptor *d, const void *value, const HeChoice *choices);
char *he_write_numbers(const HeDescriptor *d, const void *value, const HeChoice *choices);
char *he_write_range(const HeDescriptor *d, const void *value, const HeChoice *choices);
char *he_write_size(const HeDescriptor *d, const void *value, const HeChoice *choices);
char *he_write_text(const HeDescriptor *d, const void *value, const HeChoice *choices);

#endif
