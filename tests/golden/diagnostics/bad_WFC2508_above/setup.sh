# A row of a directory that "only" leaves out is no mistake: s4.
mkdir -p data/control data/treated data/pilot
printf 'sample,group\ns1,control\ns2,treted\ns3,Treated\ns4,pilot\n' > s.csv
