# SPDX-License-Identifier: LGPL-3.0-or-later
# Models by scripts: list, get, check, add, remove, and what is refused.
. "$HE_TOP/tests/gimp/lib.sh"
. "$HE_TOP/tests/gimp/models.sh"
console "$here/models.scm"
