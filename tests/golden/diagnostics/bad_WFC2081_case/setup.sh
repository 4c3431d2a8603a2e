mkdir -p data/Sub01 data/zoë data/Sub02
printf 'sample,n\nsub01,1\nSub02,2\nzo\303\253,3\n' > s.csv
