# A script of another compile.
mkdir -p data/session1 data/session2 data/session3
"$WFC" compile workflow.toml --site test >/dev/null
rm -r out/bin/wf? out/lib
sed -i 's/--plan [0-9a-f]*/--plan 0123456789abcdef0123456789abcdef/' out/jobs/01-split.sbatch
