#!/bin/bash
# A site that prints banners, answers late, and rewrites comments: the tag goes into the job's name.
# shellcheck source=lib.sh
source "$(dirname "$0")/lib.sh"
start_cluster
make_data 1 2
write_workflow
compile
mkdir -p "$work/fake"
cat >"$work/fake/sbatch" <<'FAKE'
#!/bin/bash
echo "Welcome! 42 nodes are up;"
words=()
for word in "$@"; do case $word in --comment=*) words+=(--comment=site) ;; *) words+=("$word") ;; esac; done
/usr/bin/sbatch "${words[@]}" || exit
echo "sbatch: remember to clean your scratch" >&2
echo "Bye."
FAKE
chmod +x "$work/fake/sbatch"
PATH="$work/fake:$PATH"
holds "submitted" submit
holds "the tag is the name" grep -qx 'tags name' "$work/out/state/$(plan_hash)/journal"
equal "of every job" 0 "$(squeue -h -o %j | grep -vc '^wfc:')"
drain 60
equal "done" "1 0 0 0" "$(counts day)"

# A job that disappears before the release is submitted again, with all that waits for it.
touch "$work/data/session1/channel1/fail.sort"
rm -rf "$work/out/state" && find "$work/data" -name '*.txt' ! -name raw.txt -delete
cat >"$work/fake/squeue" <<FAKE
#!/bin/bash
if [ ! -e "$work/once" ] && grep -q '^id 09-mourn' "$work"/out/state/*/journal 2>/dev/null; then
  touch "$work/once"
  /usr/bin/scancel "\$(sed -n 's/^id 02-filter //p' "$work"/out/state/*/journal)"
fi
exec /usr/bin/squeue "\$@"
FAKE
chmod +x "$work/fake/squeue"
holds "submitted, with one loss" submit
holds "the loss was noted" grep -q '^lost 02-filter' "$work/out/state/$(plan_hash)/journal"
holds "and what waited for it" grep -q '^lost 03-sort' "$work/out/state/$(plan_hash)/journal"
drain 60
equal "sort" "1 1 0 0" "$(counts sort)"
equal "one mourning" 1 "$(lines "$work/data/mourn.txt")"
