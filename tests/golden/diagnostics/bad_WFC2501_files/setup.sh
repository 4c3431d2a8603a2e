mkdir -p data/sub
touch data/a.csv data/b.csv
