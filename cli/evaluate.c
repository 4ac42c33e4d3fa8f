/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* human-eye evaluate: raw tensors in and out, sample by sample. */
#include <string.h>

#include "cli/cli.h"
#include "cli/maps.h"
#include "cli/options.h"
#include "cli/samples.h"
#include "cli/whats.h"
#include "core/alloc.h"
#include "core/tensor.h"
#include "plugin/core/params.h"

static const char *const params[] = {"at",        "channel", "kernels", "layer",
                                     "precision", "seed",    "threads", NULL};
static const CliUsage usage = {
    .name = "evaluate",
    .arguments = "MODEL INPUT.npy OUT.npy --what WHAT",
    .summary =
        "Asks MODEL about the tensor INPUT, as it is, and writes the answer's numbers:\n"
        "logits, activation, gradient, layer-gradient, guided-backprop, deconvnet,\n"
        "saliency-positive, -negative, -absolute, guided-backprop-positive, -negative,\n"
        "-absolute, grad-cam, cam, neuron-gradient, neuron-guided-backprop or\n"
        "neuron-deconvnet. Samples are asked about one by one. No picture, no descriptor.",
    .examples =
        "Examples:\n"
        "  human-eye evaluate net.onnx x.npy logits.npy --what logits\n"
        "  human-eye evaluate net.onnx x.npy g.npy --what gradient --target 281\n"
        "  human-eye evaluate net.onnx x.npy m.npy --what grad-cam --target 281 \\\n"
        "      --layer stage4 --precision double\n"
        "  human-eye evaluate net.onnx x.npy n.npy --what neuron-gradient \\\n"
        "      --layer stage2 --channel 7 --at 3,5\n",
    .params = params,
    .min_arguments = 3,
    .max_arguments = 3,
};

typedef struct {
    const CliWhat *what;
    CliQuestion question;
    HeSession *session;
    HeTensor x;   /* float32 [N, ...] */
    HeTensor out; /* float32 [N, ...] */
} Job;

/* Fills the question from the request. */
static gboolean read_question(Job *job, const HeRequest *request, GError **error)
{
    const char *at = he_request_get(request, "at");
    CliQuestion *q = &job->question;
    q->layer = he_request_get(request, "layer");
    q->channel = (gint64)he_request_get_number(request, "channel", -1);
    q->seed = (guint64)he_request_get_number(request, "seed", 0);
    q->y = q->x = -1;
    if (at && !he_position_parse(at, &q->y, &q->x, error))
        return FALSE;
    return cli_what_check(job->what, q, error);
}

/* Makes OUT for N answers shaped as the first one, or checks the later ones against it. */
static gboolean keep_answer(Job *job, gint64 i, const HeTensor *answer, GError **error)
{
    size_t n = he_tensor_n(answer);
    if (i == 0) {
        he_tensor_init(&job->out, HE_F32, answer->rank, answer->dim);
        job->out.dim[0] = job->x.dim[0];
        he_tensor_set_contiguous(&job->out);
        job->out.data = he_alloc((size_t)job->x.dim[0], MAX(n, 1) * sizeof(float),
                                 "the answers", error);
        if (!job->out.data)
            return FALSE;
    }
    if (he_tensor_n(&job->out) != n * (size_t)job->x.dim[0] || answer->dim[0] != 1) {
        g_set_error(error, HE_ERROR, HE_ERROR_UNSUPPORTED,
                    "evaluate: the answer's first axis does not count samples");
        return FALSE;
    }
    memcpy((float *)job->out.data + (size_t)i * n, answer->data, n * sizeof(float));
    return TRUE;
}

static gboolean evaluate_sample(Job *job, gint64 i, const HeTask *task, GError **error)
{
    HeTensor sample, answer;
    cli_samples_get(&job->x, i, &sample);
    g_autoptr(HeInput) input =
        he_input_new_raw(he_session_get_model(job->session), &sample, error);
    if (!input || !cli_what_ask(job->what, &job->question, job->session, input, task,
                                &answer, error))
        return FALSE;
    gboolean is_good = keep_answer(job, i, &answer, error);
    he_free(answer.data);
    return is_good;
}

static gboolean evaluate(Job *job, const CliOptions *options, gboolean is_forced,
                         gboolean is_quiet, GError **error)
{
    const char *out = options->arguments[2];
    g_autoptr(CliOutputs) outputs = cli_outputs_new(is_forced);
    CliProgress progress;
    if (!cli_outputs_check(outputs, out, error) ||
        !cli_samples_read(options->arguments[1], &job->x, error))
        return FALSE;
    job->session = cli_session_new(options->arguments[0], options->request, error);
    if (!job->session)
        return FALSE;
    cli_progress_init(&progress, is_quiet);
    gboolean is_good = TRUE;
    for (gint64 i = 0; is_good && i < job->x.dim[0]; i++)
        is_good = evaluate_sample(job, i, &progress.task, error);
    cli_progress_end(&progress);
    return is_good &&
           cli_write_npy(outputs, out, job->out.rank, job->out.dim, job->out.data,
                         error) &&
           cli_outputs_commit(outputs, error);
}

static gboolean refuse_later(const char *option, const char *value, void *data,
                             GError **error)
{
    (void)value;
    (void)data;
    g_set_error(error, HE_ERROR, HE_ERROR_UNSUPPORTED, "%s: is not built yet", option);
    return FALSE;
}

int cli_evaluate(int argc, char **argv)
{
    g_autofree char *what = NULL;
    gboolean is_forced = FALSE, is_quiet = FALSE;
    Job job = {.question.target = -1};
    gpointer later = (gpointer)refuse_later;
    const GOptionEntry entries[] = {
        {"what", 'w', 0, G_OPTION_ARG_STRING, &what, "What is asked", "WHAT"},
        {"target", 't', 0, G_OPTION_ARG_INT, &job.question.target,
         "The class, an index from 0", "N"},
        {"force", 'f', 0, G_OPTION_ARG_NONE, &is_forced, "Replaces OUT.npy", NULL},
        {"quiet", 'q', 0, G_OPTION_ARG_NONE, &is_quiet, "Only errors are told", NULL},
        {"baseline", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_CALLBACK, later, NULL, "V"},
        {"rule", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_CALLBACK, later, NULL, "RULE"},
        {"steps", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_CALLBACK, later, NULL, "N"},
        {"stride", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_CALLBACK, later, NULL, "N"},
        {"window", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_CALLBACK, later, NULL, "N"},
        {0}};
    int status = CLI_GOOD;
    g_auto(CliOptions) options = {0};
    g_autoptr(GError) error = NULL;
    if (!cli_options_parse(&usage, entries, NULL, &options, argc, argv, &status))
        return status;
    if (!what)
        return cli_usage_error(&usage, "--what: must be given");
    job.what = cli_what_find(what, &error);
    if (!job.what || !read_question(&job, options.request, &error))
        return cli_usage_error(&usage, "%s", error->message);
    if (!evaluate(&job, &options, is_forced, is_quiet, &error))
        status = cli_failed(g_steal_pointer(&error));
    he_session_free(job.session);
    he_free(job.x.data);
    he_free(job.out.data);
    return status;
}
