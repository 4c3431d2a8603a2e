mkdir -p data/subject01/slice{01..40} data/subject02/slice{01..03}
