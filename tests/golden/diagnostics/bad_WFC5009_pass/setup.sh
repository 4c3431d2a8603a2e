# A later pass waits for a success.
mkdir -p data/session1 data/session2 data/session3
"$WFC" compile workflow.toml --site test >/dev/null
rm -r out/bin/wf? out/lib
sed -i '/^job 02-sort.pass2/s/afterany:01-split.pass2/afterok:01-split.pass2/' out/submit.sh
