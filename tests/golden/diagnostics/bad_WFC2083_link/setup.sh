mkdir -p data/a
ln -s /nonexistent/b data/b
ln -s nowhere data/c
ln -s nowhere data/old
