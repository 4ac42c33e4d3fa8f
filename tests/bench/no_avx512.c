/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* For LD_PRELOAD: the program and its libraries are told that the processor has no AVX-512 (nor AMX), so that those who
 * choose their kernels by what it has can be measured as on a processor that stops at AVX2. Linux on x86-64, where
 * the kernel can make CPUID fault (arch_prctl, ARCH_SET_CPUID); who cannot have that is told so, and ends. */
#define _GNU_SOURCE
#include <cpuid.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#define ARCH_SET_CPUID 0x1012
#define BIT(n)         (1u << (n))

static long allow_cpuid(unsigned long is_allowed)
{
    return syscall(SYS_arch_prctl, ARCH_SET_CPUID, is_allowed);
}

/* Leaf 7: F, DQ, IFMA, PF, ER, CD, BW, VL; VBMI, VBMI2, VNNI, BITALG, VPOPCNTDQ; 4VNNIW, 4FMAPS, VP2INTERSECT, AMX, FP16;
 * and of its subleaf 1 BF16 and AMX's FP16. */
static void hide(unsigned leaf, unsigned subleaf, unsigned *a, unsigned *b, unsigned *c,
                 unsigned *d)
{
    if (leaf != 7)
        return;
    if (subleaf == 0) {
        *b &= ~(BIT(16) | BIT(17) | BIT(21) | BIT(26) | BIT(27) | BIT(28) | BIT(30) |
                BIT(31));
        *c &= ~(BIT(1) | BIT(6) | BIT(11) | BIT(12) | BIT(14));
        *d &= ~(BIT(2) | BIT(3) | BIT(8) | BIT(22) | BIT(23) | BIT(24) | BIT(25));
    } else if (subleaf == 1)
        *a &= ~(BIT(5) | BIT(21));
}

static void on_fault(int signal_number, siginfo_t *info, void *data)
{
    ucontext_t *context = data;
    greg_t *r = context->uc_mcontext.gregs;
    const unsigned char *at = (const unsigned char *)r[REG_RIP];
    unsigned a, b, c, d, leaf = (unsigned)r[REG_RAX], subleaf = (unsigned)r[REG_RCX];
    (void)info;
    if (at[0] != 0x0f || at[1] != 0xa2) { /* no CPUID: a fault of its own */
        signal(signal_number, SIG_DFL);
        return;
    }
    allow_cpuid(1);
    __cpuid_count(leaf, subleaf, a, b, c, d);
    allow_cpuid(0);
    hide(leaf, subleaf, &a, &b, &c, &d);
    r[REG_RAX] = a;
    r[REG_RBX] = b;
    r[REG_RCX] = c;
    r[REG_RDX] = d;
    r[REG_RIP] += 2;
}

__attribute__((constructor)) static void begin(void)
{
    struct sigaction action = {.sa_sigaction = on_fault,
                               .sa_flags = SA_SIGINFO | SA_NODEFER};
    if (sigaction(SIGSEGV, &action, NULL) != 0 || allow_cpuid(0) != 0) {
        fputs("no_avx512: CPUID cannot be made to fault here\n", stderr);
        exit(77);
    }
}
