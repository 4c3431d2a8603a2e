mkdir -p data/s1/c{1,2,3}
