#!/bin/bash
# A step with a secret: what slurmstepd and the task write lies where nobody but the owner may look; the jobs of the user's that
# imitate a tag, in a real squeue, are not cancelled.
# shellcheck source=lib.sh
source "$(dirname "$0")/lib.sh"
start_cluster
make_data 1 1
printf 'S3CRET-TOKEN' >"$work/token"
chmod 600 "$work/token"
cat >"$work/workflow.toml" <<'TOML'
[workflow]
name = "small"
root = "data"
site = "test"
[params]
token = { secret = true, file = "token" }
[defaults]
time = "10m"
mem = "100M"
[[step]]
name = "tell"
run = "echo {params.token}; test -e go; touch {outputs}"
outputs = ["told.txt"]
[[step]]
name = "slow"
needs = ["tell"]
run = "sleep 30; touch {outputs}"
outputs = ["slow.txt"]
[site.test]
TOML
compile
holds "verified" "$bin/wfc" verify "$work/out"
holds "submitted" submit
drain 60
log=$(find "$work/out/logs" -name '01-tell.*.log')
equal "the log is private" "$work/out/logs/private 700 600" \
  "$(dirname "$log") $(stat -c %a "$work/out/logs/private") $(stat -c %a "$log")"
equal "the command's own words are in it, once" 1 "$(grep -c S3CRET "$log")"
equal "and nowhere else" "$log" "$(grep -rl S3CRET "$work/out")"
equal "the verdict does not quote it" "" "$(cd "$work/out" && bin/wfr verdict --plan "$(plan_hash)" | grep S3CRET)"
if [ "$(id -u)" = 0 ]; then
  holds "another user could come as far as the logs" chmod a+x "$work" "$work/out" "$work/out/logs"
  if setpriv --reuid=61002 --regid=61002 --clear-groups cat "$log" >/dev/null 2>&1; then bad "he may not read it"; else ok "he may not read it"; fi
fi

# Jobs of the same user's that are called like one of wfc's.
touch "$work/data/go"
holds "submitted again" submit
run=$(sed -n 's/^run \([^ ]*\).*/\1/p' "$work/out/state/$(plan_hash)/journal" | tail -n 1)
tag=wfc:$run:01-tell:$(plan_hash | cut -c 1-12)
own() { sbatch --parsable --hold --wrap 'sleep 60' --output=/dev/null "$@"; }
cd "$work" || exit 1
imitations=("$(own "--comment=$tag")" "$(own "--job-name=$tag")" "$(own "--chdir=$work/out" "--comment=x|$tag")"
  "$(own "--chdir=$work/out" "--comment=$tag"$'\n'x)" "$(own "--chdir=$work/out" "--job-name=x"$'\n'"$tag")")
equal "five are in the queue" 5 "$(squeue -h -t PD -o %i | grep -cxF "$(printf '%s\n' "${imitations[@]}")")"
holds "--cancel" submit --cancel
equal "they alone stay" "$(printf '%s\n' "${imitations[@]}" | sort)" "$(squeue -h -t PD,R -o %i | sort)"
scancel "${imitations[@]}"
