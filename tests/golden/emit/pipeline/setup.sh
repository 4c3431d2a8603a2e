# Makes two sessions of 1200 channels.
for session in session1 session2; do
  mkdir -p data/$session
  (cd data/$session && mkdir channel{0001..1200})
done
