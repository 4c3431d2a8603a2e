# Unreadable for every user, root too: two chains of 25 symbolic links are fine each, but the path
# through both is past the kernel's limit of 40.
mkdir -p data elsewhere/s elsewhere/a/channel1
chain() {
  local link=$1 target=$2 i
  for ((i = 25; i > 1; i--)); do
    ln -s "$target" "$(dirname "$link")/.$(basename "$link")-$i"
    target=.$(basename "$link")-$i
  done
  ln -s "$target" "$link"
}
chain data/session01 ../elsewhere/s
chain elsewhere/s/array01 ../a
