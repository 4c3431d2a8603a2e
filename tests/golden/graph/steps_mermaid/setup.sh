mkdir -p data/session01 data/session02 data/sessioneye
touch data/session01/a.ns5 data/session02/b.ns5 data/sessioneye/c.ns5
