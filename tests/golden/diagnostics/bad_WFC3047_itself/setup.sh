mkdir -p data/{a,b}
printf 'sample,before\na,b\nb,a\n' > samples.csv
