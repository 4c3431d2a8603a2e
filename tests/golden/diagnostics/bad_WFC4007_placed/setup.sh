mkdir -p data/session{1,2,3}
