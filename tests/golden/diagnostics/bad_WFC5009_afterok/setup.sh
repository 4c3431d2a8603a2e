# One session's failure would stop them all.
mkdir -p data/session1 data/session2 data/session3
"$WFC" compile workflow.toml --site test >/dev/null
rm -r out/bin/wf? out/lib
sed -i '/^job 02-sort/s/aftercorr/afterok/' out/submit.sh
