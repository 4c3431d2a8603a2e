mkdir -p data/session01 data/session02 data/session03
touch data/session02/positions.csv
