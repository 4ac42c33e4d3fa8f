/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* human-eye bench --layers: each node's kernel, time, forward and back, GFLOP/s and share of what the processor can do at most. */
#include "cli/bench.h"

#include <math.h>
#include <stdio.h>

#include "cli/table.h"
#include "plugin/core/probe.h"

typedef struct {
    HeSession *session;
    HeNodeTime *times;
    int n, repeat;
    gboolean is_backward;
    double peak_flops, sum_ms, back_ms;
} Report;

static double flops_of(const HeNodeTime *time)
{
    return time->ms > 0 ? 2000 * time->macs / time->ms : 0;
}

static void add_row(const Report *report, CliTable *table, const HeNodeTime *time)
{
    double flops = flops_of(time), peak = report->peak_flops;
    g_autofree char *shape = cli_shape_text(time->rank, time->dim);
    g_autofree char *ms = g_strdup_printf("%.3f", time->ms);
    g_autofree char *back_ms =
        report->is_backward ? g_strdup_printf("%.3f", time->back_ms) : NULL;
    g_autofree char *share =
        g_strdup_printf("%.1f %%", 100 * time->ms / MAX(report->sum_ms, 1e-9));
    g_autofree char *speed = flops > 0 ? g_strdup_printf("%.1f", flops / 1e9) : NULL;
    g_autofree char *of_peak =
        flops > 0 && peak > 0 ? g_strdup_printf("%.0f %%", 100 * flops / peak) : NULL;
    cli_table_add(table, time->node, time->op_type, shape, time->kernel, ms, share, speed,
                  of_peak, back_ms);
}

/* What a node before does, and what takes no time to speak of, is left out. */
static void print_table(const Report *report)
{
    g_autoptr(CliTable) table =
        cli_table_new("NODE", "OPERATOR", "RESULT", "KERNEL", "ms", "OF ALL", "GFLOP/s",
                      "OF PEAK", report->is_backward ? "BACK ms" : NULL, NULL);
    for (int i = 0; i < report->n; i++)
        if (report->times[i].back_ms >= 0.001 ||
            (report->times[i].ms >= 0.001 &&
             g_strcmp0(report->times[i].kernel, "fused") != 0))
            add_row(report, table, &report->times[i]);
    cli_table_print(table);
    printf("all nodes: %.2f ms, medians of %d runs on %d thread%s", report->sum_ms,
           report->repeat, he_session_get_n_threads(report->session),
           he_session_get_n_threads(report->session) == 1 ? "" : "s");
    if (report->is_backward)
        printf("; the way back: %.2f ms", report->back_ms);
    if (report->peak_flops > 0)
        printf("; multiply-adds at most: %.0f GFLOP/s", report->peak_flops / 1e9);
    printf("\n");
}

static void add_object(JsonBuilder *json, const Report *report, const HeNodeTime *time)
{
    double flops = flops_of(time);
    json_builder_begin_object(json);
    he_json_add_text(json, "node", time->node);
    he_json_add_text(json, "op", time->op_type);
    he_json_add_dims(json, "shape", time->rank, time->dim);
    he_json_add_text(json, "kernel", time->kernel);
    he_json_add_number(json, "median_ms", time->ms);
    he_json_add_number(json, "back_ms", report->is_backward ? time->back_ms : NAN);
    he_json_add_number(json, "gflops", flops / 1e9);
    he_json_add_number(json, "of_peak",
                       report->peak_flops > 0 ? flops / report->peak_flops : NAN);
    json_builder_end_object(json);
}

static void add_json(JsonBuilder *json, const Report *report)
{
    const HeModel *model = he_session_get_model(report->session);
    json_builder_begin_object(json);
    he_json_add_text(json, "model", he_model_get_name(model));
    he_json_add_integer(json, "threads", he_session_get_n_threads(report->session));
    he_json_add_integer(json, "repeat", report->repeat);
    he_json_add_number(json, "median_ms", report->sum_ms);
    he_json_add_number(json, "back_ms", report->is_backward ? report->back_ms : NAN);
    he_json_add_number(json, "peak_gflops",
                       report->peak_flops > 0 ? report->peak_flops / 1e9 : NAN);
    json_builder_set_member_name(json, "layers");
    json_builder_begin_array(json);
    for (int i = 0; i < report->n; i++)
        add_object(json, report, &report->times[i]);
    json_builder_end_array(json);
    json_builder_end_object(json);
}

gboolean cli_bench_layers(HeSession *session, gboolean is_backward, int repeat,
                          JsonBuilder *json, GError **error)
{
    g_autoptr(HeInput) input = he_probe_new(session, error);
    Report report = {.session = session, .repeat = repeat, .is_backward = is_backward};
    if (!input)
        return FALSE;
    report.times = he_session_time_nodes(session, input, is_backward, repeat, &report.n,
                                         &report.peak_flops, NULL, error);
    if (!report.times)
        return FALSE;
    for (int i = 0; i < report.n; i++) {
        report.sum_ms += report.times[i].ms;
        report.back_ms += report.times[i].back_ms;
    }
    if (json)
        add_json(json, &report);
    else
        print_table(&report);
    he_node_times_free(report.times, report.n);
    return TRUE;
}
