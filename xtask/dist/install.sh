#!/bin/sh
# Installs Fanfare from the unpacked archive that contains this script, or from the archive beside it. All files are
# checked against SHA256SUMS before any is installed, and nothing is downloaded.
set -eu

usage() {
  cat <<'USAGE'
Usage: install.sh [--prefix DIR]

Installs the program, its man pages, completions, documentation and channels below DIR
[default: /usr/local for root, ~/.local for everybody else].
USAGE
}

fail() {
  printf 'error: %s\n' "$1" >&2
  exit "${2:-1}"
}

if [ "$(id -u)" = 0 ]; then prefix=/usr/local; else prefix=${HOME:?}/.local; fi
while [ $# -gt 0 ]; do
  case $1 in
    --prefix) [ $# -gt 1 ] || fail '--prefix needs a folder' 2; prefix=$2; shift 2 ;;
    --prefix=*) prefix=${1#--prefix=}; shift ;;
    -h | --help) usage; exit ;;
    *) usage >&2; fail "there is no option $1" 2 ;;
  esac
done
[ -n "$prefix" ] || fail '--prefix needs a folder' 2

# Checks the files in a list of sums, in this folder.
check() {
  if command -v sha256sum >/dev/null; then
    sha256sum -c "$1" >/dev/null
  elif command -v shasum >/dev/null; then
    shasum -a 256 -c "$1" >/dev/null
  else
    fail 'neither sha256sum nor shasum is there to check the files with'
  fi
}

here=$(cd "$(dirname "$0")" && pwd)
[ -f "$here/SHA256SUMS" ] || fail "SHA256SUMS is missing beside this script: nothing can be checked, and nothing was installed"

if [ ! -f "$here/bin/fanfare" ]; then
  set -- "$here"/fanfare-*.tar.gz
  [ -f "$1" ] || fail "there is neither an unpacked archive nor a fanfare-*.tar.gz in $here"
  [ $# = 1 ] || fail "there are $# archives in $here: keep the one to install"
  archive=$1
  unpacked=$(mktemp -d)
  trap 'rm -rf "$unpacked"' EXIT
  grep -F "  $(basename "$archive")" "$here/SHA256SUMS" >"$unpacked/sum" ||
    fail "SHA256SUMS does not name $(basename "$archive"): nothing was installed"
  (cd "$here" && check "$unpacked/sum") ||
    fail "$archive is not what SHA256SUMS says: get it again. Nothing was installed"
  tar -xzf "$archive" -C "$unpacked"
  sh "$unpacked/$(basename "$archive" .tar.gz)/install.sh" --prefix "$prefix"
  exit
fi

(cd "$here" && check SHA256SUMS) || fail "these files are not what SHA256SUMS says: get the archive again. Nothing was installed"

# Copies files into a folder below the prefix.
into() {
  folder=$prefix/$1
  shift
  mkdir -p "$folder"
  cp -R "$@" "$folder"
}

# A running program cannot be overwritten, but it can be replaced.
mkdir -p "$prefix/bin"
cp "$here/bin/fanfare" "$prefix/bin/.fanfare.$$"
chmod 755 "$prefix/bin/.fanfare.$$"
mv -f "$prefix/bin/.fanfare.$$" "$prefix/bin/fanfare"
into share/man/man1 "$here"/man/man1/*
into share/bash-completion/completions "$here/completions/fanfare"
into share/zsh/site-functions "$here/completions/_fanfare"
into share/fish/vendor_completions.d "$here/completions/fanfare.fish"
into share/doc/fanfare "$here"/*.md "$here/LICENSE" "$here/config.toml" "$here/docs"
if [ -d "$here/channels" ]; then into share/fanfare/channels "$here"/channels/*; fi

echo "Installed $("$prefix/bin/fanfare" --version) in $prefix"
case :$PATH: in
  *:"$prefix/bin":*) ;;
  *) echo "$prefix/bin is not on your PATH: add it, or call $prefix/bin/fanfare" ;;
esac
