#!/bin/sh
# Programs of other people that read the same formats (C2SP) and speak the same protocol (LLRP), in
# an environment of their own: tests let them judge what assetctl does. Nothing of assetctl uses them.
#     sh tools/install-outside-verifiers.sh [PYTHON]     a Python 3.12 or newer
set -eu
folder=.venv-outside
wanted="aics-tlog==0.2.1 dnsid==0.30.0"
readers="llrpkit==0.3.0 sllurp==3.0.5"

found=""
for python in "${1:-}" python3.14 python3.13 python3.12 python3; do
    if [ -n "$python" ] && "$python" -c 'import sys; sys.exit(sys.version_info < (3, 12))' 2>/dev/null; then
        found=$python
        break
    fi
done
if [ -z "$found" ]; then
    echo "no Python 3.12 or newer was found; the tests with outside verifiers will be skipped" >&2
    exit 0
fi
test -x "$folder/bin/python" || "$found" -m venv "$folder"
# shellcheck disable=SC2086  two words each; one pair that cannot be had does not cost the other
{
    "$folder/bin/python" -m pip install --quiet $wanted && verifiers=yes || verifiers=no
    "$folder/bin/python" -m pip install --quiet $readers && test "$verifiers" = yes
}
