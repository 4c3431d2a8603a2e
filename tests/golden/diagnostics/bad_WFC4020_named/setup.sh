mkdir -p data/session1 data/session2 data/session3
