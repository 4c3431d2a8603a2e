mkdir -p data/session01 data/session02
