# A copy that was interrupted.
mkdir -p data/session1 data/session2 data/session3
"$WFC" compile workflow.toml --site test >/dev/null
rm -r out/bin out/lib
head -c 4000 out/submit.sh >cut
mv cut out/submit.sh
