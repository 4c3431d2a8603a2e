mkdir -p data/Session01 data/Session02
