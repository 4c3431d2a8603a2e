mkdir -p data/session01
