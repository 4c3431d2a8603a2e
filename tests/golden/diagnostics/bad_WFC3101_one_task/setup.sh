mkdir -p data
printf 'sample,o\na,x.txt\nb,x.txt\n' > samples.csv
