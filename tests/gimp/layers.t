# SPDX-License-Identifier: LGPL-3.0-or-later
# Where results go: offsets, groups, selections, the visible picture, several results, repeating.
. "$HE_TOP/tests/gimp/lib.sh"
console "$here/layers.scm"
