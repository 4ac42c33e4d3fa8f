/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A network's answers beside those of another framework: its output as the file has it, a final Softmax
 * included. */
#include <math.h>

#include "cli/compare.h"
#include "cli/samples.h"
#include "core/alloc.h"
#include "core/tensor.h"

typedef struct {
    double difference, expected; /* sums of squares */
} Sums;

static void compare_sample(const double *a, const float *b, size_t n, gint64 sample,
                           Sums *sums, CliComparison *out)
{
    size_t best_a = 0, best_b = 0;
    for (size_t i = 0; i < n; i++) {
        double difference = fabs(a[i] - b[i]);
        sums->difference += difference * difference;
        sums->expected += (double)b[i] * b[i];
        best_a = a[i] > a[best_a] ? i : best_a;
        best_b = b[i] > b[best_b] ? i : best_b;
        if (difference <= out->max_abs)
            continue;
        out->max_abs = difference;
        out->worst_sample = sample;
        out->worst_index = (gint64)i;
    }
    out->samples++;
    out->same_best += best_a == best_b;
}

static gboolean ask_sample(HeSession *session, const HeTensor *x,
                           const HeTensor *expected, const HeTask *task, Sums *sums,
                           CliComparison *out, GError **error)
{
    HeTensor sample, wanted, answer;
    const char *output = he_model_get_descriptor(he_session_get_model(session))->output;
    cli_samples_get(x, out->samples, &sample);
    cli_samples_get(expected, out->samples, &wanted);
    g_autoptr(HeInput) input =
        he_input_new_raw(he_session_get_model(session), &sample, error);
    if (!input || !he_forward(session, input, output, &answer, task, error))
        return FALSE;
    size_t n = he_tensor_n(&answer);
    gboolean is_good = n == he_tensor_n(&wanted);
    if (is_good)
        compare_sample(answer.data, wanted.data, n, out->samples, sums, out);
    else
        g_set_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT,
                    "the output '%s' has %" G_GSIZE_FORMAT
                    " values, what is expected has %" G_GSIZE_FORMAT,
                    output, n, he_tensor_n(&wanted));
    he_free(answer.data);
    return is_good;
}

static gboolean check_counts(const HeTensor *x, const HeTensor *expected, GError **error)
{
    if (x->dim[0] == expected->dim[0])
        return TRUE;
    g_set_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT,
                "%" G_GINT64_FORMAT " inputs and %" G_GINT64_FORMAT
                " expected outputs: the first axis counts samples",
                x->dim[0], expected->dim[0]);
    return FALSE;
}

gboolean cli_compare(HeSession *session, const char *input, const char *expect,
                     const HeTask *task, CliComparison *out, GError **error)
{
    HeTensor x = {0}, expected = {0};
    Sums sums = {0};
    *out = (CliComparison){0};
    gboolean is_good = cli_samples_read(input, &x, error) &&
                       cli_samples_read(expect, &expected, error) &&
                       check_counts(&x, &expected, error);
    while (is_good && out->samples < x.dim[0])
        is_good = ask_sample(session, &x, &expected, task, &sums, out, error);
    out->relative = sqrt(sums.difference / MAX(sums.expected, 1e-300));
    he_free(x.data);
    he_free(expected.data);
    return is_good;
}
