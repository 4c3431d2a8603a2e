mkdir -p data/session1/channel{1..4}
