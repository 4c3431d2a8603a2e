printf 'sample,ref\na,hg38\n' > s.csv
