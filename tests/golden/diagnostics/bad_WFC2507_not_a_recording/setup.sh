mkdir -p data/session01
echo "this is a note, not a recording" > data/session01/a.ns5
