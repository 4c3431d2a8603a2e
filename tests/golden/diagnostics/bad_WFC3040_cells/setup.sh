mkdir -p data
printf 'sample,o\na,x.txt\nb,\nc,sub/..\nd,../a\ne,/tmp/x\nf,.\n' > samples.csv
