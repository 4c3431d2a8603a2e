mkdir -p data/a data/b
