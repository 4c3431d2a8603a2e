mkdir -p data/session1
python3 -c 'print("[site.test]\nexclude = [" + ", ".join(f"\"node{i:05}\"" for i in range(15000)) + "]")' >>workflow.toml
