mkdir -p data/session01 data/session02
ln -s session02 data/session_latest
