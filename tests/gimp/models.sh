# SPDX-License-Identifier: LGPL-3.0-or-later
# For the tests of models: a catalogue of the user's own, whose two networks (the oracle's: real graphs, small) a
# server on loopback has. "slow" never comes to its end. Wants lib.sh.
served=$work/served
user_models=$XDG_DATA_HOME/human-eye/models
mkdir -p "$served" "$XDG_CONFIG_HOME/human-eye"
cp "$HE_TOP/tests/oracle/nets/squeezenet.onnx" "$served/little.onnx"
cp "$HE_TOP/tests/oracle/nets/vgg.onnx" "$served/slow.onnx"
cp "$HE_TOP/tests/oracle/nets/resnet.onnx" "$work/mine.onnx"
export no_proxy='*'

# row NAME TITLE: a group of the catalogue.
row() {
    echo "[$1]"
    echo "File=$1.onnx"
    echo "Bytes=$(wc -c <"$served/$1.onnx")"
    echo "Model.SHA256=$(sha256sum "$served/$1.onnx" | cut -d' ' -f1)"
    echo "Model.Title=$2"
    echo "Model.Licence=MIT"
}
perl "$here/serve.pl" "$served" "$work/port" >/dev/null 2>&1 &
server=$!
trap 'set +e; kill $server 2>/dev/null; rm -rf "$work"' EXIT
for _ in $(seq 100); do [ ! -s "$work/port" ] || break; sleep 0.1; done
{
    printf '[Catalogue]\nFormat=1\nMirrors=http://127.0.0.1:%s/{file}\n' "$(cat "$work/port")"
    row little 'A little network'
    row slow 'A network that comes slowly'
} >"$XDG_CONFIG_HOME/human-eye/catalogue.ini"
