# SPDX-License-Identifier: LGPL-3.0-or-later
# Every method and type of gradient on every kind of image at every precision.
. "$HE_TOP/tests/gimp/lib.sh"
console "$here/methods.scm"
