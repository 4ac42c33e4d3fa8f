/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* human-eye bench: how long an answer takes, on an input of the model's own size whose values do not
 * matter. Each repetition is a new input, so that nothing is kept from the one before but the plan. Rows are measured
 * in turn: a machine is faster at one time than at another. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/bench.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "cli/table.h"
#include "cli/whats.h"
#include "core/alloc.h"
#include "core/limits.h"
#include "core/os.h"
#include "core/tensor.h"
#include "plugin/core/probe.h"

#define DEFAULT_REPEAT 15

static const char *const params[] = {"channel", "kernels", "layer", "precision", NULL};
static const CliUsage usage = {
    .name = "bench",
    .arguments = "MODEL",
    .summary =
        "Measures how long MODEL takes for an answer: the median of --repeat runs after\n"
        "two that are not counted, with the tenth and the ninetieth of a hundred. Several\n"
        "rows take turns, so that their ratios are those of the same minute. GFLOP/s count\n"
        "two for each multiply-add of convolutions and matrix products, forward.\n"
        "With --layers: where that time goes, node by node, and what share each reaches\n"
        "of the most multiply-adds that the processor was seen to do. It takes --what\n"
        "logits (forward) and gradient (forward and back).",
    .examples = "Examples:\n"
                "  human-eye bench efficientnet-lite0\n"
                "  human-eye bench resnet50.onnx --what logits,gradient --threads 1,2,4\n"
                "  human-eye bench resnet50.onnx --layers --what gradient\n",
    .params = params,
    .min_arguments = 1,
    .max_arguments = 1,
};

typedef struct {
    CliOptions options;
    char *whats, *threads;
    int repeat, classes;
    gboolean is_json, is_by_layer;
    JsonBuilder *json;
    CliTable *table;
    GPtrArray *sessions; /* of each number of threads */
    GArray *rows;        /* of Row */
} Job;

typedef struct {
    HeSession *session; /* the job's */
    const CliWhat *what;
    double *ms; /* [repeat] */
} Row;

/* The first N_CLASSES classes of one input. */
static gboolean measure_once(HeSession *session, const CliWhat *what,
                             CliQuestion question, int n_classes, double *ms,
                             GError **error)
{
    g_autoptr(HeInput) input = he_probe_new(session, error);
    HeTensor answer;
    if (!input)
        return FALSE;
    gint64 start = g_get_monotonic_time();
    for (question.target = 0; question.target < n_classes; question.target++) {
        if (!cli_what_ask(what, &question, session, input, NULL, &answer, error))
            return FALSE;
        he_free(answer.data);
    }
    *ms = (double)(g_get_monotonic_time() - start) / 1000;
    return TRUE;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* Between the two nearest of N sorted values. */
static double quantile(const double *sorted, int n, double q)
{
    double at = q * (n - 1);
    int low = (int)at;
    double high = sorted[MIN(low + 1, n - 1)];
    return sorted[low] + (at - low) * (high - sorted[low]);
}

static void add_row(Job *job, const Row *row)
{
    int n = job->repeat;
    qsort(row->ms, (size_t)n, sizeof *row->ms, by_value);
    double median = quantile(row->ms, n, 0.5), p10 = quantile(row->ms, n, 0.1),
           p90 = quantile(row->ms, n, 0.9);
    double gflops = 2e-6 * he_session_count_macs(row->session) / median;
    const char *model = he_model_get_name(he_session_get_model(row->session));
    int threads = he_session_get_n_threads(row->session);
    if (job->is_json) {
        json_builder_begin_object(job->json);
        he_json_add_text(job->json, "model", model);
        he_json_add_text(job->json, "what", row->what->name);
        he_json_add_integer(job->json, "threads", threads);
        he_json_add_integer(job->json, "repeat", n);
        he_json_add_integer(job->json, "classes", job->classes);
        he_json_add_number(job->json, "median_ms", median);
        he_json_add_number(job->json, "p10_ms", p10);
        he_json_add_number(job->json, "p90_ms", p90);
        he_json_add_number(job->json, "gflops", gflops);
        json_builder_end_object(job->json);
        return;
    }
    char *cells[] = {g_strdup_printf("%d", threads), g_strdup_printf("%.2f", median),
                     g_strdup_printf("%.2f", p10), g_strdup_printf("%.2f", p90),
                     g_strdup_printf("%.1f", gflops)};
    cli_table_add(job->table, model, row->what->name, cells[0], cells[1], cells[2],
                  cells[3], cells[4]);
    for (size_t i = 0; i < G_N_ELEMENTS(cells); i++)
        g_free(cells[i]);
}

static gboolean measure_row(const Job *job, const Row *row, int i, GError **error)
{
    const HeRequest *request = job->options.request;
    CliQuestion question = {.layer = he_request_get(request, "layer"),
                            .y = -1,
                            .x = -1,
                            .channel =
                                (gint64)he_request_get_number(request, "channel", -1)};
    return cli_what_check(row->what, &question, error) &&
           measure_once(row->session, row->what, question, job->classes,
                        &row->ms[MAX(i, 0)], error);
}

static gboolean measure_rows(Job *job, GError **error)
{
    const guint n = job->rows->len;
    /* The first run also compiles the plan, the second packs weights. After another row's run the first of a row brings
     * its weights back into the caches, and does not count. */
    for (int i = -2; i < job->repeat; i++)
        for (guint k = 0; k < n; k++)
            for (int run = 0; run < (i >= 0 && n > 1 ? 2 : 1); run++)
                if (!measure_row(job, &g_array_index(job->rows, Row, k), i, error))
                    return FALSE;
    for (guint k = 0; k < job->rows->len; k++)
        add_row(job, &g_array_index(job->rows, Row, k));
    return TRUE;
}

static void row_clear(gpointer data)
{
    g_free(((Row *)data)->ms);
}

/* A session, and its rows; --layers is measured at once. */
static gboolean add_threads(Job *job, const char *threads, GError **error)
{
    if (!he_request_set(job->options.request, "threads", threads, error))
        return FALSE;
    HeSession *session =
        cli_session_new(job->options.arguments[0], job->options.request, error);
    if (!session)
        return FALSE;
    g_ptr_array_add(job->sessions, session);
    if (job->is_by_layer)
        return cli_bench_layers(session, g_str_equal(job->whats, "gradient"), job->repeat,
                                job->is_json ? job->json : NULL, error);
    g_auto(GStrv) names = g_strsplit(job->whats, ",", -1);
    for (char **name = names; *name; name++) {
        Row row = {session, cli_what_find(*name, error), NULL};
        if (!row.what)
            return FALSE;
        row.ms = g_new(double, job->repeat);
        g_array_append_val(job->rows, row);
    }
    return TRUE;
}

static gboolean measure_all(Job *job, GError **error)
{
    g_auto(GStrv) counts = g_strsplit(job->threads, ",", -1);
    json_builder_begin_array(job->json);
    for (char **count = counts; *count; count++)
        if (!add_threads(job, *count, error))
            return FALSE;
    if (!measure_rows(job, error))
        return FALSE;
    json_builder_end_array(job->json);
    return TRUE;
}

static int run(Job *job)
{
    GError *error = NULL;
    g_autoptr(GPtrArray) sessions = job->sessions =
        g_ptr_array_new_with_free_func((GDestroyNotify)he_session_free);
    g_autoptr(GArray) rows = job->rows = g_array_new(FALSE, FALSE, sizeof(Row));
    g_autoptr(JsonBuilder) json = job->json = json_builder_new();
    g_autoptr(CliTable) table = job->table = cli_table_new(
        "MODEL", "WHAT", "THREADS", "MEDIAN ms", "P10", "P90", "GFLOP/s", NULL);
    g_array_set_clear_func(rows, row_clear);
    if (!measure_all(job, &error))
        return cli_failed(error);
    if (job->is_json) {
        cli_print_json(json);
        return CLI_GOOD;
    }
    if (!job->is_by_layer)
        cli_table_print(table);
    printf("peak memory of the process: %.1f MB\n", (double)he_os_peak_rss_bytes() / 1e6);
    return CLI_GOOD;
}

int cli_bench(int argc, char **argv)
{
    Job job = {.repeat = DEFAULT_REPEAT, .classes = 1};
    const GOptionEntry entries[] = {
        {"what", 'w', 0, G_OPTION_ARG_STRING, &job.whats,
         "What is asked, as for evaluate; several take turns [logits]", "WHAT,..."},
        {"threads", 't', 0, G_OPTION_ARG_STRING, &job.threads,
         "How many threads; several take turns [0: all there are]", "N,..."},
        {"repeat", 'r', 0, G_OPTION_ARG_INT, &job.repeat, "How often [15]", "N"},
        {"classes", 0, 0, G_OPTION_ARG_INT, &job.classes,
         "Of how many classes each new input is asked; they share its forward run [1]",
         "N"},
        {"layers", 0, 0, G_OPTION_ARG_NONE, &job.is_by_layer, "Measures each node", NULL},
        {"json", 0, 0, G_OPTION_ARG_NONE, &job.is_json, "Prints JSON", NULL},
        {0}};
    int status = CLI_GOOD;
    if (cli_options_parse(&usage, entries, NULL, &job.options, argc, argv, &status)) {
        job.whats = job.whats ? job.whats : g_strdup("logits");
        gboolean is_mixed = job.is_by_layer && !g_str_equal(job.whats, "logits") &&
                            !g_str_equal(job.whats, "gradient");
        job.threads = job.threads ? job.threads : g_strdup("0");
        if (is_mixed)
            status = cli_usage_error(&usage,
                                     "--layers takes --what logits or gradient, "
                                     "not %s",
                                     job.whats);
        else if (job.repeat < 1 || job.repeat > HE_MAX_TIMED)
            status = cli_usage_error(&usage, "--repeat: expected 1 to %d", HE_MAX_TIMED);
        else if (job.classes < 1 || job.classes > HE_MAX_CLASSES)
            status =
                cli_usage_error(&usage, "--classes: expected 1 to %d", HE_MAX_CLASSES);
        else
            status = run(&job);
    }
    cli_options_clear(&job.options);
    g_free(job.whats);
    g_free(job.threads);
    return status;
}
