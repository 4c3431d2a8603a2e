mkdir -p data/session{1,2}
for s in 1 2; do (cd "data/session$s" && mkdir channel{001..600}); done
