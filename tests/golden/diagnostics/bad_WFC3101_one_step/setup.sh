mkdir -p data/session01/array01/channel1 data/session01/array02/channel1
