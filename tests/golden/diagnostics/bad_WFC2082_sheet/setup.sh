mkdir -p data/day1 data/day2
printf 'sample,day\na,day1\n' > s.csv
