mkdir -p data/--help data/b
printf 's,file,shift,label\n--help,-o/tmp/x,-5,n\nb,y,-1e-7,-z\n' >sheet.csv
