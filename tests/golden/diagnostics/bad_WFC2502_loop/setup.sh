mkdir -p data/session01/array01
ln -s ../../session01 data/session01/array_all
