mkdir -p data/a
