mkdir -p data/session01/channel1 data/sessioneye/channel1
