printf 'sample,day\n a,day1\nb/c,day1\n,day1\n..,day1\nb ,day1\n,,\n' | sed '$d' > s.csv
