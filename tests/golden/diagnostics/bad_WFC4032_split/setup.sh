mkdir -p data/session{1..4}/channel{1..3}
