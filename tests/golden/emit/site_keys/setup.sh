# Makes an empty data root.
mkdir -p data
