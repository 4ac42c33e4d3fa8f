#!/bin/sh
# SPDX-License-Identifier: LGPL-3.0-or-later
# What the documentation says is so: the command's examples run, the targets of make and the files exist,
# the methods are the ones that are built.
# shellcheck disable=SC2016 # backquotes are Markdown's
set -u
cd "$HE_TOP" || exit 1
pages="README.md CONTRIBUTING.md $(echo docs/*.md)"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
n=0

# check NAME COMMAND...: one test.
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

# The lines of the fenced blocks of language $1 in page $2.
blocks() {
    awk -v start='```'"$1" '$0 == "```" {inside = 0} inside; $0 == start {inside = 1}' "$2"
}

example() {
    PATH="$HE_BUILD:$PATH" HUMAN_EYE_MODELS="$HE_TOP/models" XDG_DATA_HOME="$work/data" \
        sh -c "cd '$work/run' && $1"
}

target_exists() {
    grep -qE "^$1:" Makefile
}

methods_are() {
    "$HE_BUILD/human-eye" methods >"$work/methods" || return 1
    sed -n 's/^| `\([a-z-]*\)` | .*arXiv.*/\1/p' docs/methods.md | sort >"$work/written"
    [ -s "$work/written" ] || return 1
    while read -r id; do
        grep -q "^ *$id\b" "$work/methods" || { echo "no method $id"; return 1; }
    done <"$work/written"
}

mkdir "$work/run"
cp tests/images/chelsea.png "$work/run/photo.png"
cp tests/images/coffee.png "$work/run/coffee.png"
cp tests/oracle/nets/resnet.onnx "$work/run/net.onnx"
seq 10 >"$work/run/names.txt"
for page in $pages; do
    blocks sh "$page" | grep '^human-eye ' >"$work/lines"
    while read -r line; do
        check "$page: $line" example "$line"
    done <"$work/lines"

    grep -oE '\bmake [a-z][a-z0-9-]+' "$page" | grep -vE 'make (up|it|sure|warnings|the|a)$' |
        sort -u | cut -d' ' -f2 >"$work/lines"
    while read -r target; do
        check "$page: make $target" target_exists "$target"
    done <"$work/lines"

    grep -oE '\]\([^)#]+' "$page" | cut -c3- | grep -vE '^https?:' | sort -u >"$work/lines"
    while read -r file; do
        check "$page: $file" test -e "$(dirname "$page")/$file"
    done <"$work/lines"
done
check "docs/methods.md: the methods that are built" methods_are
echo "1..$n"
