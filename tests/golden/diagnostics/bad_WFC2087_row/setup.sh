mkdir -p data/treated/ses1 data/control/ses1
printf 'sample,n\ncontrol,1\ntreted,2\nother,3\n' > s.csv
