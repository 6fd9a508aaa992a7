#!/bin/sh
# Unpacks Debian's chrony into a folder without installing it, since an installation would replace and start the
# machine's time service. Afterwards FOLDER/bin contains chronyd and chronyc. They run with the libraries, the C
# library and the loader that were unpacked with them, so they need not match this machine.
#
#   unpack-chrony.sh FOLDER          the chrony of this machine's own apt sources
#   unpack-chrony.sh FOLDER SUITE    the chrony of a Debian suite, e.g. trixie
set -eu
umask 022

here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
folder=$1
suite=${2:-}
# unpacked beside FOLDER and moved when complete, so that FOLDER is never incomplete
new=$folder.new

fail() {
  rm -rf "$new"
  echo "chrony${suite:+ of Debian $suite} could not be unpacked: $1" >&2
  exit 1
}

rm -rf "$new"
mkdir -p "$(dirname "$folder")"
"$here/unpack.sh" "$new" chrony "$suite" libraries
mkdir "$new/bin"

# Debian 13 moved the libraries from /lib into /usr/lib
loader=
libraries=
for place in usr/lib lib; do
  for path in "$new/root/$place"/*-linux-gnu*; do
    [ -d "$path" ] || continue
    relative=root/${path#"$new/root/"}
    libraries=${libraries:+$libraries:}$folder/$relative
    for file in "$path"/ld-linux*.so.* "$path"/ld64.so.*; do
      [ -x "$file" ] && loader=$folder/$relative/$(basename "$file")
    done
  done
done
[ -n "$loader" ] || fail "no loader came with the C library"

for program in sbin/chronyd bin/chronyc; do
  wrapper=$new/bin/$(basename "$program")
  cat >"$wrapper" <<END
#!/bin/sh
exec '$loader' --library-path '$libraries' '$folder/root/usr/$program' "\$@"
END
  chmod 755 "$wrapper"
done

rm -rf "$folder"
mv "$new" "$folder"
for program in chronyd chronyc; do
  "$folder/bin/$program" --version >/dev/null || { rm -rf "$folder"; fail "$program does not run"; }
done
