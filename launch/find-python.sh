# Sourced by the programs in bin/ with $root and $program set: sets $python to a Python that can make .venv,
# or explains and leaves. Order: $PYTHON; the one of a .venv that works; the newest supported one on the PATH.

# Status 0: usable, 3: too old, 4: parts of its library are missing, else: no Python at all (a shim without one).
judge() {
    "$1" -c '
import sys
if sys.version_info < (3, 11): sys.exit(3)
try: import ctypes, ensurepip, ssl, venv
except ImportError: sys.exit(4)
' >/dev/null 2>&1
}

refuse() {
    printf '%s: %s\n' "$program" "$1" >&2
    exit 1
}

describe() {
    "$1" -c 'import sys; print("Python %d.%d.%d at %s" % (sys.version_info[:3] + (sys.executable,)))' 2>/dev/null
}

case $root in
*:*) refuse "the path of this folder has a colon, which Python's environments cannot bear; move it: $root" ;;
esac

unset PYTHONHOME PYTHONPATH
python='' old='' incomplete=''
if [ -n "${PYTHON:-}" ]; then
    candidates=$PYTHON
else
    candidates="$root/.venv/bin/python
python3.14
python3.13
python3.12
python3.11
python3"
fi
newline='
'
saved_ifs=$IFS
IFS=$newline
for candidate in $candidates; do
    judge "$candidate"
    case $? in
    0) python=$candidate && break ;;
    3) [ -n "$old" ] || old=$candidate ;;
    4) [ -n "$incomplete" ] || incomplete=$candidate ;;
    esac
done
IFS=$saved_ifs

advice='Install a newer one, or name it: PYTHON=/path/to/python3.12'
if [ -z "$python" ]; then
    [ -z "$incomplete" ] || refuse "$(describe "$incomplete") lacks its venv, ssl or ctypes module.
On Debian and Ubuntu: apt-get install python3-venv"
    [ -z "$old" ] || refuse "Python 3.11 or newer is needed; found $(describe "$old"). $advice"
    [ -z "${PYTHON:-}" ] || refuse "PYTHON=$PYTHON is not a Python that runs."
    refuse "Python 3.11 or newer is needed and none was found. $advice"
fi
