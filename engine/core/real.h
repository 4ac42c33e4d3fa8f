/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* One source, two precisions. Every file in ops/ and every plain kernel is compiled twice: with
 * HE_REAL_DOUBLE defined, `real` is double and HE_REAL(name) is name_f64; else float and name_f32. */
#ifndef HE_CORE_REAL_H
#define HE_CORE_REAL_H

#include <math.h>

#include "core/tensor.h"

#ifdef HE_REAL_DOUBLE
typedef double real;
#define HE_REAL(name)                 name##_f64
#define HE_REAL_KERNEL(kind, variant) he_##kind##_f64_##variant
#define HE_REAL_WORD                  "f64"
#define HE_REAL_TYPE                  HE_F64
#define R_(fn)                        fn /* R_(exp)(x): the math function of this precision */
#else
typedef float real;
#define HE_REAL(name)                 name##_f32
#define HE_REAL_KERNEL(kind, variant) he_##kind##_f32_##variant /* docs/names.md */
#define HE_REAL_WORD                  "f32"
#define HE_REAL_TYPE                  HE_F32
#define R_(fn)                        fn##f
#endif

#endif
