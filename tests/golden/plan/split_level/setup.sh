mkdir -p data/day{1,2}/session{01..20}/channel{1,2}
