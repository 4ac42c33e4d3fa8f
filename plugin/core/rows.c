/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Rows of a descriptor. */
#include "plugin/core/rows.h"

#include <string.h>

char *he_row_key(const char *row)
{
    return g_strndup(row, strcspn(row, "="));
}

const char *he_row_find(char *const *rows, const char *key)
{
    const size_t n = strlen(key);

    for (; rows && *rows; rows++)
        if (strncmp(*rows, key, n) == 0 && (*rows)[n] == '=')
            return *rows + n + 1;
    return NULL;
}
