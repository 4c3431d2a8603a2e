mkdir -p data/session{1,2}/channel{01..12}
