# Only root can make a link of somebody else.
mkdir -p data/a/h private own
chown 61002 own
ln -s ../private data/b
ln -s ../own data/c
ln -s ../../private data/a/g
chown -h 61002 data/b data/c data/a/g
