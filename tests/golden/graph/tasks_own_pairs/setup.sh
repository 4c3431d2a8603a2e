mkdir -p data/subject{01..02}/slice{1..4}
mkdir -p data/subject02/slice5
