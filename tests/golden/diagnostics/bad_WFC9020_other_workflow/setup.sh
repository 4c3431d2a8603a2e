mkdir -p data out
touch first.toml
printf '# wfc: this directory belongs to the workflow\n../first.toml\n' >out/workflow
