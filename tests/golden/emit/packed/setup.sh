# Makes two sessions of 25 channels.
for session in session1 session2; do
  mkdir -p data/$session
  (cd data/$session && mkdir channel{001..025})
done
