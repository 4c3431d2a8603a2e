# Compiled for one machine: there is nothing to submit.
mkdir -p data/session1 out
