mkdir -p data/site_a
printf 'sample,site\ns1,site_a\ns2,site_A\ns3,site_B\n' > samples.csv
