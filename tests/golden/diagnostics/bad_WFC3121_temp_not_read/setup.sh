mkdir -p s1/c1
touch s1/c1/raw.txt
