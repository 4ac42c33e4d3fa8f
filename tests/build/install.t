#!/bin/sh
# SPDX-License-Identifier: LGPL-3.0-or-later
# Installing for a user and for a system: what arrives, that it works there, that nothing stays behind.
set -u
cd "$HE_TOP" || exit 1
unset MAKEFLAGS MFLAGS MAKELEVEL GIMP3_DIRECTORY HUMAN_EYE_MODELS
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME="$work/home" XDG_CONFIG_HOME="$work/home/.config" XDG_DATA_HOME="$work/home/.local/share"
export GIMP2_DIRECTORY=
model=efficientnet-lite0
n=0

check() {
    name=$1
    shift
    n=$((n + 1))
    if "$@" >"$work/log" 2>&1 </dev/null; then
        echo "ok $n - $name"
    else
        echo "not ok $n - $name"
        sed 's/^/# /' "$work/log"
    fi
}

again() {
    make -s B="$HE_BUILD" "$@"
}

finds_model() {
    (cd / && "$1" models list) | grep "$model"
}

is_empty() {
    left=$(find "$1" ! -type d)
    echo "$left"
    [ -z "$left" ]
}

# ---- a user; the profile is there, so that no GIMP is started -------------------------------------
has_plugin=no
[ -x "$HE_BUILD/gimp2/human-eye" ] && has_plugin=yes
mkdir -p "$work/home/.config/GIMP/2.10"
plugin="$work/home/.config/GIMP/2.10/plug-ins/human-eye"
check "make install" again install
check "the command" test -x "$work/home/.local/bin/human-eye"
check "the command finds the model" finds_model "$work/home/.local/bin/human-eye"
if [ $has_plugin = yes ]; then
    check "the plug-in stands in a folder of its name" test -x "$plugin/human-eye"
    check "the model beside the plug-in" test -s "$plugin/models/$model/$model.onnx"
fi
mkdir -p "$XDG_DATA_HOME/human-eye/models"
echo mine >"$XDG_DATA_HOME/human-eye/models/mine.onnx"
check "make uninstall" again uninstall
check "a model of the user's own stays" test -s "$XDG_DATA_HOME/human-eye/models/mine.onnx"
rm -f "$XDG_DATA_HOME/human-eye/models/mine.onnx"
check "nothing else stays" is_empty "$work/home"

# ---- a profile named by GIMP2_DIRECTORY --------------------------------------------------------------
if [ $has_plugin = yes ]; then
    mkdir "$work/profile"
    check "make install GIMP2_DIRECTORY" env GIMP2_DIRECTORY="$work/profile" \
        make -s B="$HE_BUILD" install
    check "the plug-in is in that profile" test -x "$work/profile/plug-ins/human-eye/human-eye"
    check "and nowhere else" is_empty "$work/home"
    check "make uninstall GIMP2_DIRECTORY" env GIMP2_DIRECTORY="$work/profile" \
        make -s B="$HE_BUILD" uninstall
    check "that profile is empty again" is_empty "$work/profile"
fi

# ---- a system ------------------------------------------------------------------------------------------
root="$work/root"
prefix=/opt/eye
program() {
    cat >"$work/program.c" <<'END'
#include <human-eye.h>
int main(void)
{
    int n;
    return he_methods_list(&n) && n > 0 ? 0 : 1;
}
END
    # As it will be once DESTDIR is the root.
    sed "s|=$prefix|=$root$prefix|" "$root$prefix/lib/pkgconfig/human-eye.pc" >"$work/human-eye.pc"
    flags=$(PKG_CONFIG_PATH="$work" pkg-config --cflags --libs human-eye) || return 1
    # shellcheck disable=SC2086 # lists of words
    ${CC:-cc} ${CFLAGS:-} "$work/program.c" -o "$work/program" $flags ${LDFLAGS:-} &&
        LD_LIBRARY_PATH="$root$prefix/lib" "$work/program"
}
version() {
    PKG_CONFIG_PATH="$root$prefix/lib/pkgconfig" pkg-config --exists "human-eye >= 0.1"
}
check "make install-system" again install-system DESTDIR="$root" PREFIX=$prefix
check "the command is there and finds the model" finds_model "$root$prefix/bin/human-eye"
check "a program builds against the library and runs" program
check "pkg-config knows the version" version
if [ $has_plugin = yes ]; then
    plugin="$root$(pkg-config --variable=gimplibdir gimp-2.0)/plug-ins/human-eye"
    check "the plug-in is in GIMP's folder" test -x "$plugin/human-eye"
    check "its models are the system's" test "$(readlink "$plugin/models")" = \
        $prefix/share/human-eye/models
fi
check "make uninstall-system" again uninstall-system DESTDIR="$root" PREFIX=$prefix
check "nothing stays" is_empty "$root"
echo "1..$n"
