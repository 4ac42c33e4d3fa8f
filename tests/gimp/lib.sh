# SPDX-License-Identifier: LGPL-3.0-or-later
# For the tests in this folder: a private GIMP profile with the plug-in that was built, and runs in it.
# Wants HE_BUILD and HE_TOP. Makes $work (removed at the end) and $GIMP2_DIRECTORY inside it.
set -eu
HE_GIMP=${HE_GIMP:-$HE_BUILD/gimp2/human-eye}
here=$HE_TOP/tests/gimp
for need in gimp-console "$HE_GIMP"; do
    command -v "$need" >/dev/null || { echo "1..0 # SKIP no $need"; exit 0; }
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export GIMP2_DIRECTORY="$work/profile" HOME="$work" LC_ALL=C.UTF-8 NO_AT_BRIDGE=1
export XDG_CONFIG_HOME="$work/config" XDG_DATA_HOME="$work/data" XDG_CACHE_HOME="$work/cache"
unset LANGUAGE HUMAN_EYE_MODELS HUMAN_EYE_KERNELS || true

# GIMP fills a profile only when it makes the folder itself, so what every run needs is put in before
# the first start by a second folder that gimprc names.
plugins=$work/plug-ins
mkdir -p "$plugins/human-eye"
cp "$HE_GIMP" "$plugins/human-eye/human-eye"
ln -s "$HE_TOP/models" "$plugins/human-eye/models"
ln -s "$HE_TOP/icons" "$plugins/human-eye/icons"
gimprc=$work/gimprc
cat >"$gimprc" <<END
(plug-in-path "$(gimptool-2.0 --gimpplugindir)/plug-ins:$plugins")
(check-updates no)
(color-profile-policy keep)
(save-session-info no)
END

# console SCM: runs a script after tap.scm; its TAP becomes standard output. Each -b is evaluated in an
# environment of its own, so all of it is one. Without a plan at the end, GIMP's log is shown.
console() {
    : >"$work/tap"
    cat >"$work/run.scm" <<END
(define he-top "$HE_TOP")
(define he-work "$work")
(load "$here/tap.scm")
(load "$1")
(tap-end)
END
    timeout 600 gimp-console -n -i -d -f -s --gimprc "$gimprc" \
        -b "(load \"$work/run.scm\")" -b '(gimp-quit 1)' </dev/null >"$work/log" 2>&1 || true
    cat "$work/tap"
    grep -q '^1\.\.' "$work/tap" || sed 's/^/# /' "$work/log"
}
