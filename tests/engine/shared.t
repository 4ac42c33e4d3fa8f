# SPDX-License-Identifier: LGPL-3.0-or-later
# The shared library exports what human-eye.h declares, all of it and nothing else, and a program that
# knows only the header and the library works.
header=$HE_TOP/engine/human-eye.h library=$HE_BUILD/libhumaneye.so
folder=$(mktemp -d) && trap 'rm -rf "$folder"' EXIT
echo 1..3

nm -D --defined-only "$library" | awk '{print $3}' | grep -v '^__' | sort >"$folder/exported"
grep -oE '\bhe_[a-z0-9_]+\(|\bhe_[a-z]+\[\]' "$header" | tr -d '([]' | sort -u >"$folder/declared"
missing=$(grep -oE '^[A-Za-z].*\bhe_[a-z0-9_]+\(' "$header" | grep -oE 'he_[a-z0-9_]+\(' | tr -d '(' |
    sort -u | comm -23 - "$folder/exported")
[ -z "$missing" ] && echo "ok 1 - all that is declared is exported" ||
    { echo "# missing: $missing"; echo "not ok 1 - all that is declared is exported"; }

more=$(comm -13 "$folder/declared" "$folder/exported")
[ -z "$more" ] && echo "ok 2 - nothing else is exported" ||
    { echo "# more: $more"; echo "not ok 2 - nothing else is exported"; }

cat >"$folder/main.c" <<'C'
#include "human-eye.h"
#include <stdio.h>
int main(int argc, char **argv)
{
    GError *error = NULL;
    HeModel *model = argc == 2 ? he_model_load(argv[1], &error) : NULL;
    HeSessionOptions options = {0};
    HeSession *session = model ? he_session_new(model, &options, &error) : NULL;
    if (!session)
        return 1;
    puts(he_model_get_label(model, 285));
    he_session_free(session);
    he_model_unref(model);
    return 0;
}
C
# A sanitizer's library has symbols of its own and wants its flags here too.
said=$(${CC:-cc} ${CFLAGS:-} ${LDFLAGS:-} "$folder/main.c" -o "$folder/main" -I"$HE_TOP/engine" $(pkg-config --cflags gio-2.0) \
    -L"$HE_BUILD" -lhumaneye $(pkg-config --libs gio-2.0) 2>&1 &&
    ln -s "$library" "$folder/libhumaneye.so.0" &&
    LD_LIBRARY_PATH="$folder" "$folder/main" \
        "$HE_TOP/models/efficientnet-lite0/efficientnet-lite0.onnx" 2>&1)
[ "$said" = "Egyptian cat" ] && echo "ok 3 - a program of its own" ||
    { echo "# $said"; echo "not ok 3 - a program of its own"; }
