mkdir -p data/s1 data/s2
ln -s /nonexistent/x data/s1/in.txt
ln -s /nonexistent/x data/s2/in.txt
