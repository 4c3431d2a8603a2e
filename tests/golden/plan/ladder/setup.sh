# Two sessions of ten channels.
for s in 1 2; do
  for c in 0 1 2 3 4 5 6 7 8 9; do mkdir -p "data/session$s/channel$c"; done
done
