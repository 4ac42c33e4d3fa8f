# SPDX-License-Identifier: LGPL-3.0-or-later
# For the tests of dialogs: an X server of their own, GIMP with a script in it, and keys and eyes for its windows.
# Wants lib.sh. Screenshots go to $HE_BUILD/screenshots/gimp$HE_GIMP.
for need in gimp Xvfb xdotool import; do
    command -v "$need" >/dev/null || { echo "1..0 # SKIP no $need"; exit 0; }
done
shots=$HE_BUILD/screenshots/gimp$HE_GIMP${HE_THEME:+-$HE_THEME}
widgets=$work/widgets
mkdir -p "$shots" "$widgets"

# -noreset: the pointer stays where it is put before GIMP comes.
Xvfb -noreset -displayfd 3 -screen 0 1280x900x24 3>"$work/display" >/dev/null 2>&1 &
xvfb=$!
gimp=
trap 'set +e; kill -9 $gimp 2>/dev/null; kill $xvfb 2>/dev/null; rm -rf "$work"' EXIT
for _ in $(seq 100); do [ ! -s "$work/display" ] || break; sleep 0.1; done
DISPLAY=:$(cat "$work/display")
export DISPLAY
xdotool mousemove 1279 899 # where it calls up no tooltip

# gui SCM: starts GIMP with its windows, and the script in it.
gui() {
    script "$1"
    # shellcheck disable=SC2086 # options
    GTK_MODULES=$HE_BUILD/gimp$HE_GIMP/widgets.so HE_WIDGETS=$widgets \
        gimp -n -d -f -s --gimprc "$gimprc" ${batch#--quit} -b "(load \"$work/run.scm\")" \
        >"$work/log" 2>&1 &
    gimp=$!
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
# at TEXT: where the widget of that text is in the window $title (widgets.c).
at() {
    sed -n "s/^. \([0-9]* [0-9]*\) $1\$/\1/p" "$widgets/$title"
}
is_there() {
    [ -n "$(at "$1")" ]
}
# rows: the first row that the list of the window $title shows, and the chosen one.
rows() {
    sed -n 's/^.* rows \([0-9-]*\) to [0-9-]*, \([0-9-]*\) chosen$/\1 \2/p' "$widgets/$title"
}
# row LABEL: which row the combo of that label shows, in the window $title.
row() {
    sed -n "s/^.* $1 row \([0-9-]*\)$/\1/p" "$widgets/$title"
}
# answered: the window $title shows the answer to what it was asked.
answered() {
    sleep 0.5
    until_true is_there OK
    until_true still "$window"
}
# click TEXT [DX DY]: beside its middle.
click() {
    until_true is_there "$1"
    # shellcheck disable=SC2046 # two numbers
    set -- $(at "$1") "${2:-0}" "${3:-0}"
    xdotool mousemove $(($1 + $3)) $(($2 + $4))
    sleep 0.3
    xdotool click 1
    sleep 0.3
}

# preview NAME: what the preview of the window $title shows, in $work/NAME.png.
preview() {
    until_true grep -q ' preview ' "$widgets/$title"
    # shellcheck disable=SC2046 # four numbers
    set -- "$1" $(sed -n 's/^. \([0-9]*\) \([0-9]*\) preview \([0-9]*\)x\([0-9]*\)$/\1 \2 \3 \4/p' "$widgets/$title")
    import -window root -crop "${4}x$5+$(($2 - $4 / 2))+$(($3 - $5 / 2))" +repage "$work/$1.png"
}
# apart A B: how far two pictures in $work are apart on average, in thousandths; B is brought to A's size.
apart() {
    convert "$work/$1.png" \( "$work/$2.png" -resize "$(identify -format '%wx%h!' "$work/$1.png")" \) \
        -alpha off -metric RMSE -compare -format '%[distortion]' info: |
        perl -ne 'printf "%d", 1000 * $_ + 0.5'
}

# mnemonics: no letter is the key of two widgets of a window, in all windows that were seen.
mnemonics() {
    for file in "$widgets"/*; do
        tests=$((tests + 1))
        keys=$(grep -v '^-' "$file" | cut -c1 | sort)
        twice=$(echo "$keys" | uniq -d | tr -d '\n')
        if [ -z "$twice" ]; then no=; else no='not '; fi
        echo "${no}ok $tests - $(basename "$file"): $(echo "$keys" | wc -l) letters, none twice $twice"
    done
}

# What the script has printed; GIMP's log where it did not come to its end.
gui_end() {
    until_true grep -q '^1\.\.' "$work/tap"
    cat "$work/tap"
    grep -q '^1\.\.' "$work/tap" || sed 's/^/# /' "$work/log"
}
