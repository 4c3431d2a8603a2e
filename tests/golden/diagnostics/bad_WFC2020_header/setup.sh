printf 'sample,Day \na,day1\n' > s.csv
