mkdir -p data/c{01..56}
