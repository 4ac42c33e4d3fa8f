/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Bounds on counts and lengths that a file can ask for. Each is far above any real classifier. */
#ifndef HE_CORE_LIMITS_H
#define HE_CORE_LIMITS_H

#define HE_MAX_ELEMENTS     ((size_t)1 << 36) /* of one tensor */
#define HE_MAX_NODES        100000            /* of one graph, subgraphs included */
#define HE_MAX_DEPTH        16                /* nested subgraphs and messages */
#define HE_MAX_NAME         4096              /* bytes of a name in a file */
#define HE_MAX_NODE_IO      4096              /* inputs or outputs of one node */
#define HE_MAX_CLASSES      1000000
#define HE_MAX_LABELS_BYTES (64 << 20)
#define HE_MAX_BANDS        1024
#define HE_MAX_SIDE         262144 /* pixels of a picture's side, as GIMP's own */
#define HE_MAX_THREADS      256

#endif
