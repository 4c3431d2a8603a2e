mkdir -p data/a data/b
printf 'sample,group\na,control\na1,case\nb,case\n' > s.csv
