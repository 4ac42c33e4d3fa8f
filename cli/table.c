/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Text in columns as wide as their widest cell; the last is not padded. */
#include <stdarg.h>
#include <stdio.h>

#include "cli/table.h"
#include "core/tensor.h"

struct CliTable {
    int n_columns;
    GPtrArray *cells; /* char *, row by row, headings first */
};

CliTable *cli_table_new(const char *first, ...)
{
    CliTable *table = g_new0(CliTable, 1);
    table->cells = g_ptr_array_new_with_free_func(g_free);
    va_list args;
    va_start(args, first);
    for (const char *cell = first; cell; cell = va_arg(args, const char *)) {
        g_ptr_array_add(table->cells, g_strdup(cell));
        table->n_columns++;
    }
    va_end(args);
    return table;
}

void cli_table_free(CliTable *table)
{
    if (!table)
        return;
    g_ptr_array_unref(table->cells);
    g_free(table);
}

void cli_table_add(CliTable *table, ...)
{
    va_list args;
    va_start(args, table);
    for (int i = 0; i < table->n_columns; i++) {
        const char *cell = va_arg(args, const char *);
        g_ptr_array_add(table->cells, g_strdup(cell ? cell : ""));
    }
    va_end(args);
}

static int column_width(const CliTable *table, int column)
{
    glong width = 0;
    for (guint i = (guint)column; i < table->cells->len; i += (guint)table->n_columns)
        width = MAX(width, g_utf8_strlen(table->cells->pdata[i], -1));
    return (int)width;
}

void cli_table_print(const CliTable *table)
{
    g_autofree int *widths = g_new(int, table->n_columns);
    g_autoptr(GString) line = g_string_new(NULL);
    for (int c = 0; c < table->n_columns; c++)
        widths[c] = column_width(table, c);
    for (guint i = 0; i < table->cells->len; i++) {
        const char *cell = table->cells->pdata[i];
        int column = (int)i % table->n_columns;
        g_string_append_printf(line, "%s%*s", cell,
                               widths[column] - (int)g_utf8_strlen(cell, -1) + 2, "");
        if (column == table->n_columns - 1) {
            puts(g_strchomp(line->str));
            g_string_truncate(line, 0);
        }
    }
}

char *cli_shape_text(int rank, const gint64 *dim)
{
    HeTensor tensor;
    he_tensor_init(&tensor, HE_F32, rank, dim);
    return he_tensor_shape_text(&tensor);
}
