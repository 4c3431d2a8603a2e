mkdir -p data/day1/camera1 data/day1/camera2
printf 'sample,camera\ns1,camera1\ns1,camera2\n' > samples.csv
