# SPDX-License-Identifier: LGPL-3.0-or-later
# For the tests in this folder: a private GIMP profile with the plug-in that was built, and runs in it.
# Wants HE_BUILD and HE_TOP. HE_GIMP=2 or 3 says which GIMP; else the one whose plug-in was built. HE_PROBE:
# the tests' own plug-in (probe.c) is there too. HE_THEME=light: not GIMP's dark theme. Makes $work (removed at the end) and the profile inside it.
set -eu
here=$HE_TOP/tests/gimp
if [ -z "${HE_GIMP:-}" ]; then
    [ -x "$HE_BUILD/gimp2/human-eye" ] && HE_GIMP=2 || HE_GIMP=3
fi
plugin=$HE_BUILD/gimp$HE_GIMP/human-eye
for need in gimp-console "$plugin"; do
    command -v "$need" >/dev/null || { echo "1..0 # SKIP no $need"; exit 0; }
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
profile=$work/profile
export GIMP2_DIRECTORY="$profile" GIMP3_DIRECTORY="$profile"
export HOME="$work" LC_ALL=C.UTF-8 NO_AT_BRIDGE=1
export XDG_CONFIG_HOME="$work/config" XDG_DATA_HOME="$work/data" XDG_CACHE_HOME="$work/cache"
unset LANGUAGE HUMAN_EYE_MODELS HUMAN_EYE_KERNELS || true

# GIMP fills a profile only when it makes the folder itself, so what every run needs is put in before
# the first start by a second folder that gimprc names.
plugins=$work/plug-ins
mkdir -p "$plugins/human-eye"
cp "$plugin" "$plugins/human-eye/human-eye"
ln -s "$HE_TOP/models" "$plugins/human-eye/models"
ln -s "$HE_TOP/icons" "$plugins/human-eye/icons"
if [ -n "${HE_PROBE:-}" ]; then
    mkdir "$plugins/probe"
    cp "$HE_BUILD/gimp$HE_GIMP/probe" "$plugins/probe/probe"
fi
gimprc=$work/gimprc
cat >"$gimprc" <<END
(plug-in-path "$("gimptool-$HE_GIMP.0" --gimpplugindir)/plug-ins:$plugins")
(check-updates no)
(color-profile-policy keep)
(save-session-info no)
END
if [ "$HE_GIMP" = 3 ]; then
    echo '(show-welcome-dialog no)' >>"$gimprc"
    batch='--quit --batch-interpreter plug-in-script-fu-eval'
else
    batch=
fi

case "$HE_GIMP ${HE_THEME:-}" in
'2 light') echo '(theme "Light")' >>"$gimprc" ;;
'3 light') echo '(theme-color-scheme light)' >>"$gimprc" ;;
esac

# script SCM: $work/run.scm, which loads tap.scm and then it. Each -b is evaluated in an environment of its
# own, so all of it is one.
script() {
    : >"$work/tap"
    cat >"$work/run.scm" <<END
(define he-top "$HE_TOP")
(define he-work "$work")
(load "$here/gimp$HE_GIMP.scm")
(load "$here/tap.scm")
(load "$1")
(tap-end)
END
}

# console SCM: runs a script; its TAP becomes standard output. Without a plan at the end, GIMP's log is shown.
console() {
    script "$1"
    # shellcheck disable=SC2086 # options
    timeout 900 gimp-console -n -i -d -f -s --gimprc "$gimprc" $batch \
        -b "(load \"$work/run.scm\")" -b '(gimp-quit 1)' </dev/null >"$work/log" 2>&1 || true
    cat "$work/tap"
    grep -q '^1\.\.' "$work/tap" || sed 's/^/# /' "$work/log"
}
