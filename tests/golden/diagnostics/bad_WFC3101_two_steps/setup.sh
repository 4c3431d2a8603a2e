mkdir -p data/session01/channel1
