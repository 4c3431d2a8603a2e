mkdir -p data notes
touch notes/mine.txt
