mkdir -p data/session01/array01
ln -s . data/session01/array_all
