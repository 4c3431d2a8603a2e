# A function of the submission program was changed: all jobs are still there, in their order.
mkdir -p data/session1 data/session2 data/session3
"$WFC" compile workflow.toml --site test >/dev/null
sed -i 's|^say() {|id; &|' out/bin/submit
