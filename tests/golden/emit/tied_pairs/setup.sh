mkdir -p data/subject{01..02}/slice{1..6}
