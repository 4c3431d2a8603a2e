mkdir -p data/a data/b; touch data/a/in.txt data/b/in.txt
