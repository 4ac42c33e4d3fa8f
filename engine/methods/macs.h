/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Multiply-adds of one node, forward (macs.c). */
#ifndef HE_METHODS_MACS_H
#define HE_METHODS_MACS_H

#include "methods/session.h"

double he_node_count_macs(const HeNode *node);

#endif
