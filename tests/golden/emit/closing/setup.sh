mkdir -p data/c{1,2,3,4}
