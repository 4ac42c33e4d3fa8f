# SPDX-License-Identifier: LGPL-3.0-or-later
# What cannot be done is said in words, and the image stays as it was.
. "$HE_TOP/tests/gimp/lib.sh"
printf 'no network' >"$work/wrong.onnx"
head -c 100000 "$HE_TOP/models/efficientnet-lite0/efficientnet-lite0.onnx" >"$work/short.onnx"
console "$here/errors.scm"
