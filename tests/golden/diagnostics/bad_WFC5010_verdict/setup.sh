# The snapshot would be taken whatever has happened, and too early.
mkdir -p data/session1 data/session2 data/session3
"$WFC" compile workflow.toml --site test >/dev/null
rm -r out/bin/wf? out/lib
sed -i '/^job 04-verdict/s/ afterany:03-day//; /^job 05-snapshot/s/afterok/afterany/' out/submit.sh
