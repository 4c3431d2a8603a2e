mkdir -p data/a data/results
