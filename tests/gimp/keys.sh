# SPDX-License-Identifier: LGPL-3.0-or-later
# For the tests of dialogs: an X server of their own, GIMP with a script in it, and keys and eyes for its windows.
# Wants lib.sh. Screenshots go to $HE_BUILD/screenshots/gimp$HE_GIMP.
for need in gimp Xvfb xdotool import; do
    command -v "$need" >/dev/null || { echo "1..0 # SKIP no $need"; exit 0; }
done
shots=$HE_BUILD/screenshots/gimp$HE_GIMP
mkdir -p "$shots"

Xvfb -displayfd 3 -screen 0 1280x900x24 3>"$work/display" >/dev/null 2>&1 &
xvfb=$!
gimp=
trap 'set +e; kill -9 $gimp 2>/dev/null; kill $xvfb 2>/dev/null; rm -rf "$work"' EXIT
for _ in $(seq 100); do [ ! -s "$work/display" ] || break; sleep 0.1; done
DISPLAY=:$(cat "$work/display")
export DISPLAY

# gui SCM: starts GIMP with its windows, and the script in it.
gui() {
    script "$1"
    # shellcheck disable=SC2086 # options
    gimp -n -d -f -s --gimprc "$gimprc" ${batch#--quit} -b "(load \"$work/run.scm\")" \
        >"$work/log" 2>&1 &
    gimp=$!
}
# What the script has printed; GIMP's log where it did not come to its end.
gui_end() {
    until_true grep -q '^1\.\.' "$work/tap"
    cat "$work/tap"
    grep -q '^1\.\.' "$work/tap" || sed 's/^/# /' "$work/log"
}

# until COMMAND...: waits for it, a minute at most.
until_true() {
    for _ in $(seq 300); do
        ! "$@" >/dev/null 2>&1 || return 0
        sleep 0.2
    done
    echo "# waited in vain: $*"
    return 1
}
dialog() {
    xdotool search --onlyvisible --name "$1"
}
no_dialog() {
    ! dialog "$1"
}
# The plug-in's dialog has no other sign of being ready than that it stands still.
still() {
    a=$(import -window "$1" rgba:- | cksum)
    sleep 0.6
    [ "$a" = "$(import -window "$1" rgba:- | cksum)" ]
}
shot() {
    import -window "$1" "$shots/$2.png"
}
keys() {
    for key in "$@"; do
        xdotool key "$key"
        sleep 0.15
    done
}
# step NAME: the script reached it.
reached() {
    [ -e "$work/$1" ]
}
