mkdir -p data/s1 data/s2 data/s3
