/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Text in columns. */
#ifndef HE_CLI_TABLE_H
#define HE_CLI_TABLE_H

#include <glib.h>

typedef struct CliTable CliTable;

/* Headings, ended by NULL. */
CliTable *cli_table_new(const char *first, ...) G_GNUC_NULL_TERMINATED;
void cli_table_free(CliTable *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CliTable, cli_table_free)
/* As many texts as there are headings; NULL is empty. Copied. */
void cli_table_add(CliTable *table, ...);
void cli_table_print(const CliTable *table);

/* "[1, 3, 224, 224]". Free with g_free. */
char *cli_shape_text(int rank, const gint64 *dim);

#endif
