mkdir -p data/session01/array01 data/session02/array01
