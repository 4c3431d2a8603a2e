mkdir -p data/session{01..05}
