#!/bin/bash
# A site that takes no job without its constraint and its licence: the verdict and the finalizers ask for them too. One
# message for the run: by the node's `sendmail`, else by Slurm.
# shellcheck source=lib.sh
source "$(dirname "$0")/lib.sh"
mkdir -p "$work/fake" "$work/mails"
cat >"$work/mailprog" <<FAKE
#!/bin/bash
printf '%s\n' "\$*" >>"$work/slurm-mail"
FAKE
# The site's own check stands before sbatch: what a job_submit plugin does elsewhere.
cat >"$work/fake/sbatch" <<'FAKE'
#!/bin/bash
for word in "$@"; do
  case $word in
    jobs/*.sbatch)
      if ! grep -qx '#SBATCH --constraint=ib' "$word" || ! grep -qx '#SBATCH --licenses=fs:1' "$word"; then
        echo "sbatch: error: this site wants --constraint and --licenses: $word" >&2
        exit 1
      fi ;;
  esac
done
exec /usr/bin/sbatch "$@"
FAKE
cat >"$work/fake/sendmail" <<FAKE
#!/bin/bash
[ ! -e "$work/no-mail" ] || exit 75
cat >"$work/mails/\$\$"
FAKE
chmod +x "$work/mailprog" "$work"/fake/*
start_cluster --nodes 2 --extra 'Licenses=fs:10' --extra "MailProg=$work/mailprog"
scontrol update 'nodename=n[1-2]' availablefeatures=ib activefeatures=ib
PATH="$work/fake:$PATH"
make_data 1 2
mails() { find "$work/mails" -type f | wc -l; }
site=$'constraint = "ib"\nlicenses = ["fs:1"]\nexport = "ALL"\n[site.test.verdict]\ntime = "20m"'

write_with_mail() { # ON
  write_workflow "$site"
  sed -i "s/^name = \"small\"/&\nmail = { to = \"me@example.org\", on = [$1] }/" "$work/workflow.toml"
}
write_with_mail '"end", "failure"'
compile
touch "$work/data/session1/channel1/fail.sort"
holds "submitted" submit
verdict=$(scontrol -o show job | grep 'JobName=small\.verdict ')
contains "the verdict's constraint" "$verdict" "Features=ib "
contains "the verdict's licence" "$verdict" "Licenses=fs:1 "
contains "[site.test.verdict] goes over [defaults]" "$verdict" "TimeLimit=00:20:00"
contains "a finalizer's licence" "$(scontrol -o show job | grep 'JobName=small\.notify ')" "Licenses=fs:1 "
drain 60
sleep 2
equal "one message" 1 "$(mails)"
equal "and none of Slurm" 0 "$(lines "$work/slurm-mail")"
text=$(cat "$work"/mails/*)
contains "to" "$text" "To: me@example.org"
contains "what became of it" "$text" "Subject: small: 3 tasks are not done"
contains "counts and the first failure" "$text" "sort:session1/channel1"
contains "the verdict's log says so" "$(cat "$work"/out/logs/*-verdict.*.log)" "a message was sent to me@example.org"
equal "mourning ran" 1 "$(lines "$work/data/mourn.txt")"

# The node's sendmail takes nothing: Slurm's own message comes.
touch "$work/no-mail"
holds "submitted again" submit
drain 60
sleep 2
equal "no further message of sendmail" 1 "$(mails)"
equal "one of Slurm" 1 "$(lines "$work/slurm-mail")"
contains "to the same" "$(cat "$work/slurm-mail")" "me@example.org"

# Only after failures: the next run has none.
rm "$work/no-mail" "$work/data/session1/channel1/fail.sort"
write_with_mail '"failure"'
compile
holds "submitted for good" submit
drain 60
sleep 2
equal "done" "1 0 0 0" "$(counts day)"
equal "nothing was written" "1 1" "$(mails) $(lines "$work/slurm-mail")"
