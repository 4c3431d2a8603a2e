# A job that a node's failure would end.
mkdir -p data/session1 data/session2 data/session3
"$WFC" compile workflow.toml --site test >/dev/null
rm -r out/bin/wf? out/lib
sed -i '/^#SBATCH --requeue/d' out/jobs/02-sort.sbatch
