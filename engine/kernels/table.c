/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The kernel table: kernels.def as five arrays, looked up by set and shape. */
#include "core/os.h"
#include "kernels/gates.h"
#include "kernels/nchwc_rows.h"

/* Each row declares its object, then stands in the array of its kind and type and is empty in the others. */
#define CONV2D(type, variant)                                                            \
    extern const HeConv2dKernel_##type he_conv2d_##type##_##variant;
#define GEMM(type, variant)  extern const HeGemmKernel_##type he_gemm_##type##_##variant;
#define NCHWC(type, variant) extern const HeNchwcKernel he_nchwc_##type##_##variant;
#include "kernels/kernels.def"
#undef CONV2D
#undef GEMM
#undef NCHWC

#define SKIP(variant)

#define CONV2D(type, variant) CONV2D_##type(variant)
#define GEMM(type, variant)
#define NCHWC(type, variant)
#define CONV2D_f32(variant) &he_conv2d_f32_##variant,
#define CONV2D_f64(variant) SKIP(variant)
static const HeConv2dKernel_f32 *const conv2d_f32[] = {
#include "kernels/kernels.def"
};
#undef CONV2D_f32
#undef CONV2D_f64
#define CONV2D_f32(variant) SKIP(variant)
#define CONV2D_f64(variant) &he_conv2d_f64_##variant,
static const HeConv2dKernel_f64 *const conv2d_f64[] = {
#include "kernels/kernels.def"
};
#undef CONV2D
#undef GEMM

#define CONV2D(type, variant)
#define GEMM(type, variant) GEMM_##type(variant)
#define GEMM_f32(variant)   &he_gemm_f32_##variant,
#define GEMM_f64(variant)   SKIP(variant)
static const HeGemmKernel_f32 *const gemm_f32[] = {
#include "kernels/kernels.def"
};
#undef GEMM_f32
#undef GEMM_f64
#define GEMM_f32(variant) SKIP(variant)
#define GEMM_f64(variant) &he_gemm_f64_##variant,
static const HeGemmKernel_f64 *const gemm_f64[] = {
#include "kernels/kernels.def"
};
#undef GEMM
#undef NCHWC

#define GEMM(type, variant)
#define NCHWC(type, variant) &he_nchwc_##type##_##variant,
static const HeNchwcKernel *const nchwc[] = {
#include "kernels/kernels.def"
    NULL};

#define LOOKUP(Kernel, Shape, kind, type)                                                \
    const Kernel *he_##kind##_get_##type(size_t i)                                       \
    {                                                                                    \
        return i < G_N_ELEMENTS(kind##_##type) ? kind##_##type[i] : NULL;                \
    }                                                                                    \
    const Kernel *he_##kind##_find_##type(HeKernelSet set, const Shape *s)               \
    {                                                                                    \
        size_t i = 0;                                                                    \
        while (kind##_##type[i]->set > set || !kind##_##type[i]->fits(s))                \
            i++;                                                                         \
        return kind##_##type[i];                                                         \
    }

LOOKUP(HeConv2dKernel_f32, HeConv2d, conv2d, f32)
LOOKUP(HeConv2dKernel_f64, HeConv2d, conv2d, f64)
LOOKUP(HeGemmKernel_f32, HeGemm, gemm, f32)
LOOKUP(HeGemmKernel_f64, HeGemm, gemm, f64)

const HeNchwcKernel *he_nchwc_get(size_t i)
{
    return i + 1 < G_N_ELEMENTS(nchwc) ? nchwc[i] : NULL;
}

const HeNchwcKernel *he_nchwc_find(HeKernelSet set, const HeConv2d *s,
                                   gboolean is_backward)
{
    HeKernelSet most = MIN(set, he_kernels_best());
    size_t i = 0;
    while (nchwc[i] &&
           (nchwc[i]->set > most || !nchwc[i]->fits(s, is_backward, nchwc[i]->loops)))
        i++;
    return nchwc[i];
}

/* A set holds the rows of the sets before it. */
static const HeChoice sets[] = {{HE_SET_PLAIN, "plain", NULL},
                                {HE_SET_OPENBLAS, "openblas", NULL},
                                {HE_SET_AVX2, "avx2", NULL},
                                {HE_SET_AVX512, "avx512", NULL},
                                {HE_SET_NEON, "neon", NULL},
                                {HE_SET_AUTO, "auto", NULL},
                                {0, NULL, NULL}};

HeKernelSet he_kernels_best(void)
{
    if (he_os_cpu_has_neon())
        return HE_SET_NEON;
    if (!he_os_cpu_has_avx2_fma())
        return HE_SET_OPENBLAS;
    return he_os_cpu_has_avx512() ? HE_SET_AVX512 : HE_SET_AVX2;
}

gboolean he_kernels_has(HeKernelSet set)
{
    HeKernelSet best = he_kernels_best();
    gboolean is_other = best == HE_SET_NEON && set > HE_SET_OPENBLAS && set < best;
    return set <= best && !is_other;
}

gboolean he_kernels_parse(const char *name, HeKernelSet *set, GError **error)
{
    const HeChoice *choice = he_choice_find(sets, name);
    HeKernelSet best = he_kernels_best();
    if (choice == NULL) {
        g_autofree char *list = he_choice_list(sets);
        g_set_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT,
                    "no kernel set is named '%s': expected one of %s", name, list);
        return FALSE;
    }
    if (choice->value != HE_SET_AUTO && !he_kernels_has((HeKernelSet)choice->value)) {
        g_set_error(error, HE_ERROR, HE_ERROR_INVALID_ARGUMENT,
                    "this processor cannot run the kernel set '%s': its best is '%s'",
                    name, he_kernels_set_name(best));
        return FALSE;
    }
    *set = choice->value == HE_SET_AUTO ? best : (HeKernelSet)choice->value;
    return TRUE;
}

const char *he_kernels_set_name(HeKernelSet set)
{
    const HeChoice *choice = he_choice_get(sets, (int)set);
    return choice != NULL ? choice->nick : NULL;
}

/* ---- loops that have no plain twin in this folder: their operators' own is it ------------------------------ */

#if defined(__x86_64__)
#define OF_SET(set, name)                                                                \
    (MIN(set, he_kernels_best()) >= HE_SET_AVX512 ? &name##_avx512                       \
     : MIN(set, he_kernels_best()) >= HE_SET_AVX2 ? &name##_avx2                         \
                                                  : NULL)
#elif defined(__aarch64__)
#define OF_SET(set, name) ((set) >= HE_SET_NEON ? &name##_neon : NULL)
#else
#define OF_SET(set, name) ((void)(set), NULL)
#endif

HeGatesFunc he_gates_find(HeKernelSet set)
{
    return OF_SET(set, he_gates);
}

const HeNchwcRows *he_nchwc_rows_find(HeKernelSet set)
{
    return OF_SET(set, he_nchwc_rows);
}
