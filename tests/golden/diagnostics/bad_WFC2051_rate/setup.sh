mkdir s1
echo 1 > s1/raw.txt
