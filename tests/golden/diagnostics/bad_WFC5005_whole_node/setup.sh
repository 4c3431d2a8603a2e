# Tasks that share a node which other jobs are on too.
mkdir -p data/session1 data/session2 data/session3
"$WFC" compile workflow.toml --site test >/dev/null
rm -r out/bin/wf? out/lib
sed -i '/^#SBATCH --exclusive/d' out/jobs/02-sort.sbatch
