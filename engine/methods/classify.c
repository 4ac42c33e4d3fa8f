/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Scores (logits), probabilities and their order. */
#include <math.h>

#include "methods/session.h"

static void softmax(const double *z, double *p, int n)
{
    double largest = z[0], sum = 0;
    for (int i = 1; i < n; i++)
        largest = MAX(largest, z[i]);
    for (int i = 0; i < n; i++)
        sum += p[i] = exp(z[i] - largest);
    for (int i = 0; i < n; i++)
        p[i] /= sum;
}

static void probabilities(HeActivation activation, HeScores *s)
{
    for (int i = 0; i < s->n; i++)
        s->probability[i] =
            activation == HE_ACTIVATION_NONE ? NAN : 1.0 / (1.0 + exp(-s->score[i]));
    if (activation == HE_ACTIVATION_SOFTMAX && s->n > 1)
        softmax(s->score, s->probability, s->n);
}

static int by_score(gconstpointer a, gconstpointer b, gpointer scores)
{
    const double *z = scores;
    int i = *(const int *)a, k = *(const int *)b;
    return z[i] > z[k] ? -1 : z[i] < z[k] ? 1 : i - k;
}

gboolean he_classify(HeSession *session, const HeInput *input, const HeTask *task,
                     HeScores *out, GError **error)
{
    HeWants wants = {.values = {session->logits}};
    HePlan *plan = he_session_run(session, input, &wants, task, error);
    if (!plan)
        return FALSE;
    const HeTensor *z = he_plan_get_value(plan, session->logits);
    int n_logits = (int)he_tensor_n(z);
    gboolean has_negative = n_logits == 1 && session->model->descriptor.negative;
    HeScores s = {.n = has_negative ? 2 : n_logits};
    s.score = g_new(double, s.n);
    s.probability = g_new(double, s.n);
    s.order = g_new(int, s.n);
    for (int i = 0; i < n_logits; i++)
        s.score[i] = he_tensor_get_double(z, (size_t)i);
    if (has_negative)
        s.score[1] = -s.score[0];
    probabilities(has_negative ? HE_ACTIVATION_SIGMOID : session->activation, &s);
    for (int i = 0; i < s.n; i++)
        s.order[i] = i;
    g_qsort_with_data(s.order, s.n, sizeof *s.order, by_score, s.score);
    *out = s;
    return TRUE;
}

void he_scores_clear(HeScores *scores)
{
    g_clear_pointer(&scores->score, g_free);
    g_clear_pointer(&scores->probability, g_free);
    g_clear_pointer(&scores->order, g_free);
    scores->n = 0;
}
