mkdir -p data/a data/b
touch data/a/r1.fq data/a/r2.fq data/b/r1.fq
printf 'fq1,sample,fq2\nr1.fq,a,r2.fq\nr1.fq,b,\n' > s.csv
