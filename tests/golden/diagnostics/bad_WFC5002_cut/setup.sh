# A copy that was interrupted.
mkdir -p data/session1 data/session2 data/session3
"$WFC" compile workflow.toml --site test >/dev/null
rm -r out/bin/wf? out/lib
head -n 3 out/bin/submit >cut
mv cut out/bin/submit
head -c -60 out/submit.sh >cut
mv cut out/submit.sh
