# As compiled.
mkdir -p data/session1 data/session2 data/session3
"$WFC" compile workflow.toml --site test >/dev/null
