# A later pass does not wait for the first, nor for what it needs.
mkdir -p data/session1 data/session2 data/session3
"$WFC" compile workflow.toml --site test >/dev/null
rm -r out/bin/wf? out/lib
sed -i '/^job 02-sort.pass2/s/ afterany:.*//' out/submit.sh
