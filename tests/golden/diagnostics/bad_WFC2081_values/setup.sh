mkdir -p data/s1/Left data/s1/right data/s2
