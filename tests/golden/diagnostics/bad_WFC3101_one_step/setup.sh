mkdir -p data/session01/channel1 data/session01/channel2
