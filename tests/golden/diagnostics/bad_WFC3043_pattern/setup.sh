mkdir -p data/a; touch data/a/in.txt
