mkdir -p data/session{01..04}
