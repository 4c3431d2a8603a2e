# A regular expression is for the whole name, and none can hang.
mkdir -p data/sample1 data/sample10 data/sample2 data/old_sample1_bak data/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
