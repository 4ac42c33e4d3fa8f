# SPDX-License-Identifier: LGPL-3.0-or-later
# A picture in another color space is the same picture: the network sees the same, and the layer shows the
# same colours, at every precision.
HE_PROBE=yes
. "$HE_TOP/tests/gimp/lib.sh"
console "$here/colour.scm"
