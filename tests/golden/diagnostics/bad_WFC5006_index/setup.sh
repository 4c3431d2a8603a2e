# One index more than there are sessions.
mkdir -p data/session1 data/session2 data/session3
"$WFC" compile workflow.toml --site test >/dev/null
rm -r out/bin/wf? out/lib
sed -i 's/--array=0-2/--array=0-3/' out/jobs/02-sort.sbatch
