# Makes two sessions with two arrays each, and the eye session.
for session in session01 session02; do
  mkdir -p data/$session/array01/channel{001..003} data/$session/array02/channel{033..034}
done
mkdir -p data/sessioneye/array01/channel001
