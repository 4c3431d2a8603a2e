# Makes two sessions of a thousand channels.
for session in session1 session2; do
  mkdir -p data/$session
  (cd data/$session && mkdir channel{0001..1000})
done
