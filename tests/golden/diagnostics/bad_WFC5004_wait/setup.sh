# A dependency too many, which --resume would forget.
mkdir -p data/session1 data/session2 data/session3
"$WFC" compile workflow.toml --site test >/dev/null
rm -r out/bin/wf? out/lib
sed -i '/^job 03-day/s/$/ afterany:01-split/' out/submit.sh
